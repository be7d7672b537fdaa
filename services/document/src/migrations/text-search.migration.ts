import { protectTable, roleOf } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SCHEMA = 'document';
const STEMMED = ['portuguese', 'spanish', 'english'] as const;
const LANGUAGES = [...STEMMED, 'simple'] as const;
const ACCENTED = 'áàâãäåéèêëíìîïóòôõöúùûüçñ';
const PLAIN = 'aaaaaaeeeeiiiiooooouuuucn';

const FUNCTION = 'language sql immutable strict parallel safe';
/** A value for each stemmed language, made with its configuration, and one for the others. */
const perLanguage = (make: (config: string) => string, otherwise: string): string =>
  `case language ${STEMMED.map((name) => `when '${name}' then ${make(`'pg_catalog.${name}'::regconfig`)}`).join(' ')}
    else ${otherwise} end`;
/** A question in whole sentences shares only some of its words with the passage that answers it. */
const anyWord = (config: string, input: string): string =>
  `replace(plainto_tsquery(${config}, ${input})::text, ''' & ''', ''' | ''')::tsquery`;
const SIMPLE = `'pg_catalog.simple'::regconfig`;

/** A query's words in one language, bound to chunks of that language; an empty query must not become "any chunk". */
const inLanguage = (name: string): string =>
  `case when numnode(text_query('${name}', input)) > 0
     then '''in:${name}'''::tsquery && text_query('${name}', input) else ''::tsquery end`;

/**
 * Chunks and their full-text index. A word is indexed as its language stems it and once more without accents, so that
 * `reuniao` finds `reuniões`. The functions are bound when made: nothing in a search path can stand in for what they
 * call.
 */
export class TextSearch1767225600001 implements MigrationInterface {
  readonly name = 'TextSearch1767225600001';

  async up(runner: QueryRunner): Promise<void> {
    // The stemmer leaves the plurals of -ão apart from their singular; `mães` is the common word this is not true of.
    await runner.query(`
      create function singular(input text) returns text ${FUNCTION}
      return regexp_replace(lower(normalize(input, nfc)), '(ões|(?<!\\mm)ães)\\M', 'ão', 'g')`);
    await runner.query(`
      create function plain(input text) returns text ${FUNCTION}
      return regexp_replace(translate(lower(normalize(input, nfc)), '${ACCENTED}', '${PLAIN}'),
        '(oes|(?<!\\mm)aes)\\M', 'ao', 'g')`);
    await runner.query(`
      create function text_vector(language text, input text) returns tsvector ${FUNCTION}
      return ${perLanguage(
        (config) => `to_tsvector(${config}, singular(input)) || to_tsvector(${config}, plain(input))`,
        `to_tsvector(${SIMPLE}, plain(input))`,
      )}`);
    await runner.query(`
      create function text_query(language text, input text) returns tsquery ${FUNCTION}
      return ${perLanguage(
        (config) => `${anyWord(config, 'singular(input)')} || ${anyWord(config, 'plain(input)')}`,
        anyWord(SIMPLE, 'plain(input)'),
      )}`);
    await runner.query(`
      create function workspace_query(workspace uuid, input text) returns tsquery ${FUNCTION}
      return (
        select case when numnode(words) > 0
          then quote_literal('ws:' || workspace::text)::tsquery && words else words end
        from (select ${LANGUAGES.map(inLanguage).join(' || ')} as words) as query)`);

    await runner.query(`
      create table chunks (
        id uuid primary key,
        workspace_id uuid not null,
        document_id uuid not null,
        version_id uuid not null references versions (id),
        ordinal integer not null,
        page integer,
        heading text,
        text text not null,
        language text not null,
        embedder text not null,
        -- Workspace and language as words of their own: the index narrows to the workspace first, as the others do.
        tsv tsvector not null generated always as (
          setweight(text_vector(language, coalesce(heading, '')), 'A') || setweight(text_vector(language, text), 'B')
            || array_to_tsvector(array['ws:' || workspace_id::text, 'in:' || language])
        ) stored,
        unique (workspace_id, version_id, ordinal),
        foreign key (workspace_id, document_id) references documents (workspace_id, id)
      )`);
    await runner.query(`create index chunks_of_document on chunks (workspace_id, document_id)`);
    await runner.query(`create index chunks_words on chunks using gin (tsv)`);
    await protectTable(runner, 'chunks');

    // Row-level security keeps `@@` away from the index, since the operator is not leakproof: each search would read
    // every chunk of the workspace. This function may use the index, so it carries the policy's own condition. It is
    // planned for each query anew, because only the words tell whether they are rare.
    await runner.query(`
      create function match_text(input text, only_document uuid, take integer) returns table (chunk_id uuid)
      language plpgsql stable security definer
      set search_path = ${SCHEMA}, pg_temp set plan_cache_mode = force_custom_plan
      as $$
      declare
        own constant uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
        words constant tsquery := workspace_query(own, input);
        ${LANGUAGES.map((name) => `in_${name} constant tsquery := text_query('${name}', input);`).join('\n        ')}
      begin
        if own is null or numnode(words) = 0 then
          return;
        end if;
        return query
          select c.id
          from chunks c join documents d on d.workspace_id = own and d.id = c.document_id
          where c.workspace_id = own and c.tsv @@ words
            and d.current_version_id = c.version_id and d.deleted_at is null
            and (only_document is null or c.document_id = only_document)
          order by ts_rank(c.tsv, case c.language
            ${LANGUAGES.map((name) => `when '${name}' then in_${name}`).join(' ')} end) desc, c.id
          limit take;
      end $$`);
    await runner.query('revoke execute on function match_text(text, uuid, integer) from public');
    await runner.query(`grant execute on function match_text(text, uuid, integer) to ${roleOf(SCHEMA)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function match_text(text, uuid, integer)');
    await runner.query('drop table chunks');
    await runner.query('drop function workspace_query(uuid, text), text_query(text, text), text_vector(text, text)');
    await runner.query('drop function plain(text), singular(text)');
  }
}
