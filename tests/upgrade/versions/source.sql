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
INSERT INTO public.author VALUES (1, 'Emily', 1830);
INSERT INTO public.book VALUES (2, '2', 'Letters', 900, 1, 1);
INSERT INTO public.book VALUES (1, '1', 'Poems', 800, 1, 1);
INSERT INTO public.book VALUES (3, '3', 'Fragments', 700, 1, NULL);
INSERT INTO public.shelf VALUES (1, 'poetry', 'Poetry', NULL, 0, '2025-11-17 09:49:05', '2025-11-17 09:49:05');
SELECT pg_catalog.setval('public.author_id_seq', 1, true);
SELECT pg_catalog.setval('public.book_id_seq', 3, true);
SELECT pg_catalog.setval('public.shelf_id_seq', 1, true);
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
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.author(id);
ALTER TABLE ONLY public.book
    ADD CONSTRAINT book_shelf_id_fkey FOREIGN KEY (shelf_id) REFERENCES public.shelf(id) ON DELETE SET NULL;
