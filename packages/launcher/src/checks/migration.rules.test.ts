import { describe, expect, it } from '@jest/globals';
import { findBlocking } from './migration.rules.ts';

describe('migrations that hold up a running installation', () => {
  it.each([
    'create index sessions_by_ip on sessions (ip)',
    'create unique index "s" on auth.sessions (ip) where ip is not null',
    'alter table users add column token uuid default gen_random_uuid()',
    'alter table users add column full_text tsvector generated always as (to_tsvector(name)) stored',
    `alter table users add constraint named check (name <> '')`,
    'alter table users add constraint u foreign key (a) references b (id)',
    'alter table users add constraint u unique (name)',
    'alter table users alter column name set not null',
    'alter table users alter column name type varchar(10)',
    'alter table users rename column name to full_name',
    'alter table users rename to people',
    'alter table users drop column name',
    'drop table users',
    'vacuum full users',
  ])('%s', (sql) => {
    expect(findBlocking([sql])).toEqual([{ statement: sql, instead: expect.any(String) }]);
  });

  it.each([
    ['create index concurrently s on sessions (ip)'],
    ['alter table users add column email_verified_at timestamptz'],
    ['alter table users add column plan text not null default $$free$$'],
    [`alter table users add constraint named check (name <> '') not valid`],
    ['alter table users validate constraint named'],
    ['alter table users drop constraint named'],
    ['alter table users alter column name drop not null'],
    ['alter table users add constraint u unique using index u'],
    ['create table notes (id uuid)', 'create index notes_i on notes (id)', 'alter table notes add unique (id)'],
    [
      'alter table users add constraint n check (name is not null) not valid',
      'alter table users validate constraint n',
      'alter table users alter column name set not null',
    ],
    ['insert into prices select 1', 'revoke update on users from x'],
  ])('not: %s', (...statements) => {
    expect(findBlocking(statements)).toEqual([]);
  });
});
