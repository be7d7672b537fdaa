import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passkeys: public keys of people's authenticators. */
export class Passkeys1774000000000 implements MigrationInterface {
  readonly name = 'Passkeys1774000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table passkeys (
        id uuid primary key,
        user_id uuid not null references users (id) on delete cascade,
        credential_id text not null unique check (length(credential_id) between 1 and 1364),
        public_key bytea not null,
        counter bigint not null check (counter between 0 and 4294967295),
        transports text[] not null,
        syncable boolean not null,
        backed_up boolean not null,
        aaguid uuid not null,
        name text not null check (length(name) between 1 and 100),
        created_at timestamptz not null,
        last_used_at timestamptz
      )`);
    await runner.query(`create index passkeys_of_user on passkeys (user_id, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table passkeys');
  }
}
