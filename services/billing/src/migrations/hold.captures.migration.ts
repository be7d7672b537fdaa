import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Holds that are captured in parts, and expire by a sweep instead of by a job each. */
export class HoldCaptures1776100000002 implements MigrationInterface {
  readonly name = 'HoldCaptures1776100000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table holds
        add column remaining bigint,
        add column captures integer not null default 0,
        drop constraint holds_check`);
    await runner.query(`update holds set remaining = case when status = 'open' then amount else 0 end,
      captures = case when captured > 0 then 1 else 0 end`);
    await runner.query(`
      alter table holds
        alter column remaining set not null,
        add constraint holds_remaining check (remaining between 0 and amount),
        add constraint holds_open_while_held check ((status = 'open') = (remaining > 0)),
        add constraint holds_captured check (case status
          when 'captured' then captured > 0 when 'open' then true else captured = 0 end)`);
    await runner.query(`create index holds_due on holds (expires_at) where status = 'open'`);
    await runner.query(`delete from jobs where kind = 'hold.expire'`);
    // Sees only what the sweep needs, over all workspaces, and only where a transaction says that it is the sweep.
    await runner.query(`
      create policy sweep on holds for select
      using ((select current_setting('app.sweep', true)) = 'holds' and status = 'open')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop policy sweep on holds');
    await runner.query('drop index holds_due');
    await runner.query('alter table holds drop column remaining, drop column captures');
  }
}
