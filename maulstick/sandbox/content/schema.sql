-- The site's tables as its Ecto migrations leave them; the same in both databases.
CREATE EXTENSION IF NOT EXISTS citext;

CREATE TABLE schema_migrations (
    version bigint CONSTRAINT schema_migrations_pkey PRIMARY KEY,
    inserted_at timestamp(0) without time zone
);

CREATE TABLE users (
    id bigserial CONSTRAINT users_pkey PRIMARY KEY,
    email citext NOT NULL,
    confirmed_at timestamp(0) without time zone,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX users_email_index ON users (email);

CREATE TABLE users_tokens (
    id bigserial CONSTRAINT users_tokens_pkey PRIMARY KEY,
    user_id bigint NOT NULL CONSTRAINT users_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    token bytea NOT NULL,
    context varchar(255) NOT NULL,
    sent_to varchar(255),
    authenticated_at timestamp(0) without time zone,
    inserted_at timestamp(0) without time zone NOT NULL
);
CREATE INDEX users_tokens_user_id_index ON users_tokens (user_id);
CREATE UNIQUE INDEX users_tokens_context_token_index ON users_tokens (context, token);

CREATE TABLE media (
    id bigserial CONSTRAINT media_pkey PRIMARY KEY,
    filename varchar(255) NOT NULL,
    url varchar(255) NOT NULL,
    content_type varchar(255),
    file_size integer,
    width integer,
    height integer,
    alt_text varchar(255),
    caption text,
    tags varchar(255)[],
    status varchar(255) DEFAULT 'quarantine',
    asset_type varchar(255),
    asset_role varchar(255),
    metadata jsonb,
    thumb_url varchar(255),
    medium_url varchar(255),
    phash varchar(255),
    user_id bigint CONSTRAINT media_user_id_fkey REFERENCES users (id) ON DELETE SET NULL,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE INDEX media_user_id_index ON media (user_id);
CREATE INDEX media_status_index ON media (status);
CREATE INDEX media_asset_type_index ON media (asset_type);
CREATE INDEX media_phash_index ON media (phash);
CREATE INDEX media_tags_index ON media USING gin (tags);

CREATE TABLE series (
    id bigserial CONSTRAINT series_pkey PRIMARY KEY,
    title varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    summary text,
    body_md text,
    position integer DEFAULT 0,
    published boolean DEFAULT false,
    cover_image_url text,
    media_file_id bigint CONSTRAINT series_media_file_id_fkey REFERENCES media (id) ON DELETE SET NULL,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX series_slug_index ON series (slug);
CREATE UNIQUE INDEX series_title_index ON series (title);
CREATE INDEX series_published_position_index ON series (published, position);
CREATE INDEX series_media_file_id_index ON series (media_file_id);

CREATE TABLE artworks (
    id bigserial CONSTRAINT artworks_pkey PRIMARY KEY,
    title varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    year integer,
    medium varchar(255),
    dimensions varchar(255),
    status varchar(255) DEFAULT 'available',
    price_cents integer,
    currency varchar(255) DEFAULT 'GBP',
    location varchar(255),
    description_md text,
    position integer DEFAULT 0,
    featured boolean DEFAULT false,
    published boolean DEFAULT false,
    image_url text,
    series_id bigint CONSTRAINT artworks_series_id_fkey REFERENCES series (id) ON DELETE SET NULL,
    media_file_id bigint CONSTRAINT artworks_media_file_id_fkey REFERENCES media (id) ON DELETE SET NULL,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX artworks_slug_index ON artworks (slug);
CREATE INDEX artworks_series_id_index ON artworks (series_id);
CREATE INDEX artworks_media_file_id_index ON artworks (media_file_id);
CREATE INDEX artworks_status_index ON artworks (status);
CREATE INDEX artworks_year_index ON artworks (year);
CREATE INDEX artworks_featured_index ON artworks (featured);
CREATE INDEX artworks_published_position_index ON artworks (published, position);

CREATE TABLE media_images (
    id bigserial CONSTRAINT media_images_pkey PRIMARY KEY,
    artwork_id bigint NOT NULL
        CONSTRAINT media_images_artwork_id_fkey REFERENCES artworks (id) ON DELETE CASCADE,
    media_file_id bigint CONSTRAINT media_images_media_file_id_fkey REFERENCES media (id),
    role varchar(255) DEFAULT 'main',
    original_url varchar(255) NOT NULL,
    large_url varchar(255),
    medium_url varchar(255),
    thumb_url varchar(255),
    alt_text varchar(255),
    position integer DEFAULT 0,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE INDEX media_images_artwork_id_index ON media_images (artwork_id);
CREATE INDEX media_images_media_file_id_index ON media_images (media_file_id);

CREATE TABLE media_analyses (
    id bigserial CONSTRAINT media_analyses_pkey PRIMARY KEY,
    media_file_id bigint NOT NULL
        CONSTRAINT media_analyses_media_file_id_fkey REFERENCES media (id) ON DELETE CASCADE,
    iteration integer NOT NULL,
    user_context text,
    llm_response jsonb,
    model_used varchar(255),
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX media_analyses_media_file_id_iteration_index ON media_analyses (media_file_id, iteration);

-- Created as voice_notes and renamed since: a rename leaves the names of sequence, key and constraint.
CREATE SEQUENCE voice_notes_id_seq;
CREATE TABLE annotations (
    id bigint NOT NULL DEFAULT nextval('voice_notes_id_seq') CONSTRAINT voice_notes_pkey PRIMARY KEY,
    type varchar(255) DEFAULT 'voice',
    audio_url text,
    content jsonb,
    anchor_key varchar(255) NOT NULL,
    anchor_meta jsonb NOT NULL,
    anchor_type varchar(255) DEFAULT 'explicit',
    page_path varchar(255) NOT NULL,
    theme varchar(255) NOT NULL,
    visibility varchar(255) DEFAULT 'private',
    group_id bigint,
    user_id bigint CONSTRAINT voice_notes_user_id_fkey REFERENCES users (id) ON DELETE SET NULL,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
ALTER SEQUENCE voice_notes_id_seq OWNED BY annotations.id;
CREATE INDEX voice_notes_page_path_theme_index ON annotations (page_path, theme);
CREATE INDEX voice_notes_anchor_key_index ON annotations (anchor_key);
CREATE INDEX voice_notes_user_id_index ON annotations (user_id);
CREATE INDEX annotations_group_id_index ON annotations (group_id);

CREATE TABLE pages (
    id bigserial CONSTRAINT pages_pkey PRIMARY KEY,
    slug varchar(255) NOT NULL,
    title varchar(255) NOT NULL,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX pages_slug_index ON pages (slug);

CREATE TABLE page_sections (
    id bigserial CONSTRAINT page_sections_pkey PRIMARY KEY,
    page_id bigint NOT NULL CONSTRAINT page_sections_page_id_fkey REFERENCES pages (id) ON DELETE CASCADE,
    key varchar(255) NOT NULL,
    content_md text,
    position integer DEFAULT 0,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX page_sections_page_id_key_index ON page_sections (page_id, key);

CREATE TABLE exhibitions (
    id bigserial CONSTRAINT exhibitions_pkey PRIMARY KEY,
    title varchar(255) NOT NULL,
    venue varchar(255),
    starts_on date,
    ends_on date,
    description_md text,
    position integer DEFAULT 0,
    published boolean DEFAULT false,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);

CREATE TABLE press_features (
    id bigserial CONSTRAINT press_features_pkey PRIMARY KEY,
    title varchar(255) NOT NULL,
    publication varchar(255),
    published_on date,
    excerpt_md text,
    position integer DEFAULT 0,
    published boolean DEFAULT false,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);

CREATE TABLE client_projects (
    id bigserial CONSTRAINT client_projects_pkey PRIMARY KEY,
    name varchar(255) NOT NULL,
    started_on date,
    finished_on date,
    brief_md text,
    outcome_md text,
    position integer DEFAULT 0,
    published boolean DEFAULT false,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);

CREATE TABLE enquiries (
    id bigserial CONSTRAINT enquiries_pkey PRIMARY KEY,
    type varchar(255),
    name varchar(255),
    email varchar(255),
    message text,
    meta jsonb,
    artwork_id bigint CONSTRAINT enquiries_artwork_id_fkey REFERENCES artworks (id) ON DELETE SET NULL,
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE INDEX enquiries_artwork_id_index ON enquiries (artwork_id);
CREATE INDEX enquiries_type_index ON enquiries (type);

CREATE TABLE subscribers (
    id bigserial CONSTRAINT subscribers_pkey PRIMARY KEY,
    email citext,
    source varchar(255),
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE UNIQUE INDEX subscribers_email_index ON subscribers (email);

CREATE TABLE newsletters (
    id bigserial CONSTRAINT newsletters_pkey PRIMARY KEY,
    subject varchar(255),
    body_md text,
    status varchar(255) DEFAULT 'draft',
    sent_at timestamp(0) without time zone,
    sent_count integer DEFAULT 0,
    user_id bigint CONSTRAINT newsletters_user_id_fkey REFERENCES users (id),
    inserted_at timestamp(0) without time zone NOT NULL,
    updated_at timestamp(0) without time zone NOT NULL
);
CREATE INDEX newsletters_user_id_index ON newsletters (user_id);
CREATE INDEX newsletters_status_index ON newsletters (status);

INSERT INTO schema_migrations (version, inserted_at) VALUES
    (20240912084500, '2024-09-12 08:52:10'),
    (20240912091230, '2024-09-12 09:15:44'),
    (20240918103015, '2024-09-18 10:34:02'),
    (20241003141822, '2024-10-03 14:21:37'),
    (20241021160540, '2024-10-21 16:09:18'),
    (20250114112708, '2025-01-14 11:31:55'),
    (20250226093351, '2025-02-26 09:40:03'),
    (20250409150212, '2025-04-09 15:05:29'),
    (20250617101944, '2025-06-17 10:26:40'),
    (20250808132457, '2025-08-08 13:30:12'),
    (20250923085130, '2025-09-23 08:58:47'),
    (20251030161902, '2025-10-30 16:24:31'),
    (20251117094416, '2025-11-17 09:49:05');
