-- The migrations that Ecto says have run, none where there is no such table, or none that may be read.
do $$begin
  if has_schema_privilege('public', 'usage')
      and has_table_privilege(to_regclass('public.schema_migrations'), 'select') then
    perform pg_catalog.set_config('maulstick.versions',
      (select json_agg(version::text)::text from public.schema_migrations), true);
  end if;
end$$;
select json_array_elements_text(nullif(current_setting('maulstick.versions', true), '')::json)
