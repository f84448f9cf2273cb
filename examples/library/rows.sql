-- A few rows of the local side, to release.

insert into topics values
  ('8', 'Literature', null),
  ('82', 'English', '8'),
  ('82-3', 'Novels', '82'),
  ('82-1', 'Poems', '82'),
  ('9', 'History', null);

insert into works (author, title, topic, keywords, written) values
  ('Carroll, Lewis', 'Alice''s Adventures in Wonderland', '82-3', '{rabbit,"tea, with a hatter",NULL}', '[1862,1866)'),
  ('Carroll, Lewis', 'Through the Looking-Glass', '82-3', '{chess}', '[1868,1872)'),
  ('Rossetti, Christina', 'Goblin Market', '82-1', '{}', '[1859,1863)'),
  ('Gibbon, Edward', 'Decline and Fall', '9', '{Rome}', null);

insert into sequels values
  ('Carroll, Lewis', 'Alice''s Adventures in Wonderland', 'Through the Looking-Glass');

insert into editions values
  ('Carroll, Lewis', 'Alice''s Adventures in Wonderland', 1865, 'paper', '{en}', 7.50),
  ('Carroll, Lewis', 'Alice''s Adventures in Wonderland', 2009, 'audio', '{en,fr}', null),
  ('Carroll, Lewis', 'Through the Looking-Glass', 1871, 'paper', '{en}', 6),
  ('Rossetti, Christina', 'Goblin Market', 1862, 'large print', '{en}', 4.20);

insert into copies (shelfmark, number, author, title, year, medium, note) values
  ('CAR', 1, 'Carroll, Lewis', 'Alice''s Adventures in Wonderland', 1865, 'paper', 'spine mended'),
  ('CAR', 2, 'Carroll, Lewis', 'Alice''s Adventures in Wonderland', 1865, 'paper', null),
  ('CAR', 3, 'Carroll, Lewis', 'Alice''s Adventures in Wonderland', 2009, 'audio', null),
  ('ROS', 1, 'Rossetti, Christina', 'Goblin Market', 1862, 'large print', null);

insert into members values ('L-1', 'The desk');

insert into reading_lists values ('short', 'For one evening', 'L-1');

insert into entries values
  ('short', 1, 'Rossetti, Christina', 'Goblin Market', 'Read it aloud.'),
  ('short', 2, 'Carroll, Lewis', 'Through the Looking-Glass', null);
