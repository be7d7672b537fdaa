import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Erasures that are under way, what they have removed, and whom they were about, as a hash. */
export class KitErasure1775000000000 implements MigrationInterface {
  readonly name = 'KitErasure1775000000000';

  async up(runner: QueryRunner): Promise<void> {
    // The request goes when the work is done: it names whom it is about.
    await runner.query(`
      create table erasure_work (
        erasure_id uuid primary key,
        request jsonb,
        started_at timestamptz not null default now(),
        completed_at timestamptz,
        check ((request is null) = (completed_at is not null))
      )`);
    await runner.query(`
      create table erasure_counts (
        erasure_id uuid not null,
        kind text not null,
        count bigint not null,
        primary key (erasure_id, kind)
      )`);
    // Events about somebody may arrive after they were erased; they must not bring anything back.
    await runner.query(`
      create table erased_subjects (hash bytea primary key, erased_at timestamptz not null default now())`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table erased_subjects, erasure_counts, erasure_work');
  }
}
