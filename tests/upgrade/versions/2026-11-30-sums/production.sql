CREATE SCHEMA maulstick;
CREATE TABLE maulstick.agreed (
    subject text NOT NULL,
    rows text NOT NULL,
    release bigint NOT NULL
);
CREATE TABLE maulstick.base_row (
    table_name text NOT NULL,
    key text NOT NULL,
    "values" jsonb,
    subjects text[] NOT NULL,
    release bigint NOT NULL
);
CREATE TABLE maulstick.change (
    release bigint NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    action text NOT NULL,
    before jsonb,
    after jsonb,
    base jsonb,
    subjects text[] NOT NULL,
    was text,
    times jsonb
);
CREATE VIEW maulstick.base AS
 SELECT b.table_name,
    b.key,
    COALESCE(b."values", c.after) AS "values",
    b.subjects,
    b.release
   FROM (maulstick.base_row b
     LEFT JOIN maulstick.change c USING (table_name, key, release));
CREATE TABLE maulstick.ledger (
    version integer NOT NULL,
    target text
);
CREATE TABLE maulstick.object (
    key text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    etag text NOT NULL,
    modified timestamp with time zone NOT NULL,
    headers jsonb NOT NULL
);
CREATE TABLE maulstick.release (
    number bigint NOT NULL,
    subject text NOT NULL,
    digest text NOT NULL,
    kind text NOT NULL,
    of bigint,
    operator text NOT NULL,
    commit text,
    target text NOT NULL,
    as_of text NOT NULL,
    started timestamp with time zone NOT NULL,
    finished timestamp with time zone NOT NULL,
    plan text,
    verified boolean,
    shapes jsonb NOT NULL,
    sums jsonb,
    who jsonb
);
CREATE TABLE maulstick.upload (
    subject text NOT NULL,
    key text NOT NULL,
    sha256 text NOT NULL,
    before text,
    release bigint,
    undone bigint
);
CREATE TABLE public.author (
    id bigint NOT NULL,
    name text NOT NULL,
    born integer
);
CREATE SEQUENCE public.author_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.author_id_seq OWNED BY public.author.id;
CREATE TABLE public.book (
    id bigint NOT NULL,
    isbn text NOT NULL,
    title text NOT NULL,
    price integer,
    shelf_id bigint,
    author_id bigint
);
CREATE SEQUENCE public.book_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.book_id_seq OWNED BY public.book.id;
CREATE TABLE public.shelf (
    id bigint NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    note text,
    "position" integer DEFAULT 0,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE SEQUENCE public.shelf_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.shelf_id_seq OWNED BY public.shelf.id;
ALTER TABLE ONLY public.author ALTER COLUMN id SET DEFAULT nextval('public.author_id_seq'::regclass);
ALTER TABLE ONLY public.book ALTER COLUMN id SET DEFAULT nextval('public.book_id_seq'::regclass);
ALTER TABLE ONLY public.shelf ALTER COLUMN id SET DEFAULT nextval('public.shelf_id_seq'::regclass);
INSERT INTO maulstick.agreed VALUES ('shelf poetry', '82eff7baab957a4b5355de3903fbd18b52377601e4dfd5761a05989de92bfd2b', 2);
INSERT INTO maulstick.base_row VALUES ('shelf', 'poetry', NULL, '{"shelf poetry"}', 1);
INSERT INTO maulstick.base_row VALUES ('book', '2', NULL, '{"shelf poetry"}', 1);
INSERT INTO maulstick.base_row VALUES ('author', 'Emily', NULL, '{"shelf poetry"}', 1);
INSERT INTO maulstick.base_row VALUES ('book', '1', '{"isbn": "1", "price": "800", "title": "Poems", "shelf_id": "poetry", "author_id": "Emily"}', '{"shelf poetry"}', 2);
INSERT INTO maulstick.change VALUES (1, 'author', 'Emily', 'insert', NULL, '{"born": "1830", "name": "Emily"}', NULL, '{}', NULL, NULL);
INSERT INTO maulstick.change VALUES (1, 'shelf', 'poetry', 'insert', NULL, '{"note": null, "slug": "poetry", "title": "Poetry", "position": "0"}', NULL, '{}', NULL, NULL);
INSERT INTO maulstick.change VALUES (1, 'book', '1', 'insert', NULL, '{"isbn": "1", "price": "900", "title": "Poems", "shelf_id": "poetry", "author_id": "Emily"}', NULL, '{}', NULL, NULL);
INSERT INTO maulstick.change VALUES (1, 'book', '2', 'insert', NULL, '{"isbn": "2", "price": "900", "title": "Letters", "shelf_id": "poetry", "author_id": "Emily"}', NULL, '{}', NULL, NULL);
INSERT INTO maulstick.change VALUES (2, 'book', '1', 'update', '{"price": "900"}', '{"price": "800"}', '{"isbn": "1", "price": "900", "title": "Poems", "shelf_id": "poetry", "author_id": "Emily"}', '{"shelf poetry"}', NULL, '{}');
INSERT INTO maulstick.ledger VALUES (1, 'production');
INSERT INTO maulstick.release VALUES (1, 'shelf poetry', 'afe9aa3a30374e380a8d235d8e8f9046380a624130003dc841c578e10992801a', 'release', NULL, 'a test', NULL, 'production', '2025-11-17 09:49:05', '2026-11-30 22:09:15.687444+00', '2026-11-30 22:09:16.206731+00', NULL, NULL, '{"book": {"key": ["isbn"], "name": "book", "links": [], "times": {}, "types": {"id": "bigint", "isbn": "text", "price": "integer", "title": "text", "shelf_id": "bigint", "author_id": "bigint"}, "schema": "public", "theirs": [], "columns": ["isbn", "title", "price", "shelf_id", "author_id"], "parents": ["author", "shelf"], "travels": true, "nullable": ["price", "shelf_id", "author_id"], "surrogate": "id", "references": {"shelf_id": {"table": "shelf", "missing": "error"}, "author_id": {"table": "author", "missing": "error"}}, "key_is_value": true, "json_references": []}, "shelf": {"key": ["slug"], "name": "shelf", "links": [], "times": {"updated_at": "timestamp(0) without time zone", "inserted_at": "timestamp(0) without time zone"}, "types": {"id": "bigint", "note": "text", "slug": "text", "title": "text", "position": "integer"}, "schema": "public", "theirs": [], "columns": ["slug", "title", "note", "position"], "parents": [], "travels": true, "nullable": ["note", "position"], "surrogate": "id", "references": {}, "key_is_value": true, "json_references": []}, "author": {"key": ["name"], "name": "author", "links": [], "times": {}, "types": {"id": "bigint", "born": "integer", "name": "text"}, "schema": "public", "theirs": [], "columns": ["name", "born"], "parents": [], "travels": true, "nullable": ["born"], "surrogate": "id", "references": {}, "key_is_value": true, "json_references": []}}', '{"book": "1724180191162707300", "shelf": "212553430392926370", "author": "1038779200317004124"}', '{"host": "vm", "version": "0.1.0", "session_user": "postgres"}');
INSERT INTO maulstick.release VALUES (2, 'shelf poetry', '52f863b09657ba4a2b574e97c45891a5246ae44b44d31d7d2c513b78a03f238e', 'release', NULL, 'a test', NULL, 'production', '2025-11-17 09:49:05', '2026-11-30 22:09:16.616738+00', '2026-11-30 22:09:17.098991+00', NULL, NULL, '{"book": {"key": ["isbn"], "name": "book", "links": [], "times": {}, "types": {"id": "bigint", "isbn": "text", "price": "integer", "title": "text", "shelf_id": "bigint", "author_id": "bigint"}, "schema": "public", "theirs": [], "columns": ["isbn", "title", "price", "shelf_id", "author_id"], "parents": ["author", "shelf"], "travels": true, "nullable": ["price", "shelf_id", "author_id"], "surrogate": "id", "references": {"shelf_id": {"table": "shelf", "missing": "error"}, "author_id": {"table": "author", "missing": "error"}}, "key_is_value": true, "json_references": []}, "shelf": {"key": ["slug"], "name": "shelf", "links": [], "times": {"updated_at": "timestamp(0) without time zone", "inserted_at": "timestamp(0) without time zone"}, "types": {"id": "bigint", "note": "text", "slug": "text", "title": "text", "position": "integer"}, "schema": "public", "theirs": [], "columns": ["slug", "title", "note", "position"], "parents": [], "travels": true, "nullable": ["note", "position"], "surrogate": "id", "references": {}, "key_is_value": true, "json_references": []}, "author": {"key": ["name"], "name": "author", "links": [], "times": {}, "types": {"id": "bigint", "born": "integer", "name": "text"}, "schema": "public", "theirs": [], "columns": ["name", "born"], "parents": [], "travels": true, "nullable": ["born"], "surrogate": "id", "references": {}, "key_is_value": true, "json_references": []}}', '{"book": "419605894122000158"}', '{"host": "vm", "version": "0.1.0", "session_user": "postgres"}');
INSERT INTO public.author VALUES (301, 'Emily', 1830);
INSERT INTO public.book VALUES (202, '2', 'Letters, signed', 900, 101, 301);
INSERT INTO public.book VALUES (201, '1', 'Poems', 800, 101, 301);
INSERT INTO public.shelf VALUES (101, 'poetry', 'Poetry', NULL, 0, '2026-11-30 22:09:15', '2026-11-30 22:09:15');
SELECT pg_catalog.setval('public.author_id_seq', 301, true);
SELECT pg_catalog.setval('public.book_id_seq', 202, true);
SELECT pg_catalog.setval('public.shelf_id_seq', 101, true);
ALTER TABLE ONLY maulstick.agreed
    ADD CONSTRAINT agreed_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY maulstick.base_row
    ADD CONSTRAINT base_row_pkey PRIMARY KEY (table_name, key);
ALTER TABLE ONLY maulstick.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (table_name, key, release);
ALTER TABLE ONLY maulstick.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (key);
ALTER TABLE ONLY maulstick.release
    ADD CONSTRAINT release_pkey PRIMARY KEY (number);
ALTER TABLE ONLY maulstick.release
    ADD CONSTRAINT release_plan_key UNIQUE (plan);
ALTER TABLE ONLY public.author
    ADD CONSTRAINT author_name_key UNIQUE (name);
ALTER TABLE ONLY public.author
    ADD CONSTRAINT author_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_isbn_key UNIQUE (isbn);
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shelf
    ADD CONSTRAINT shelf_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shelf
    ADD CONSTRAINT shelf_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.shelf
    ADD CONSTRAINT shelf_title_key UNIQUE (title);
CREATE INDEX base_row_subjects_idx ON maulstick.base_row USING gin (subjects);
CREATE INDEX change_release ON maulstick.change USING btree (release);
CREATE INDEX release_subject_number_idx ON maulstick.release USING btree (subject, number);
CREATE INDEX upload_key_idx ON maulstick.upload USING btree (key);
CREATE UNIQUE INDEX upload_subject_key_idx ON maulstick.upload USING btree (subject, key) WHERE (release IS NULL);
ALTER TABLE ONLY maulstick.agreed
    ADD CONSTRAINT agreed_release_fkey FOREIGN KEY (release) REFERENCES maulstick.release(number);
ALTER TABLE ONLY maulstick.release
    ADD CONSTRAINT release_of_fkey FOREIGN KEY (of) REFERENCES maulstick.release(number);
ALTER TABLE ONLY maulstick.upload
    ADD CONSTRAINT upload_release_fkey FOREIGN KEY (release) REFERENCES maulstick.release(number);
ALTER TABLE ONLY maulstick.upload
    ADD CONSTRAINT upload_undone_fkey FOREIGN KEY (undone) REFERENCES maulstick.release(number);
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.author(id);
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_shelf_id_fkey FOREIGN KEY (shelf_id) REFERENCES public.shelf(id) ON DELETE SET NULL;
