import { protectTable } from '@atrium/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calendars and their events. */
export class Calendar1760000000001 implements MigrationInterface {
  readonly name = 'Calendar1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table calendars (
        id uuid primary key,
        workspace_id uuid not null,
        user_id uuid not null,
        name text not null,
        time_zone text not null,
        created_at timestamptz not null,
        unique (workspace_id, user_id),
        unique (workspace_id, id)
      )`);
    await protectTable(runner, 'calendars');
    await runner.query(`
      create table events (
        id uuid primary key,
        workspace_id uuid not null,
        calendar_id uuid not null,
        title text not null,
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        time_zone text not null,
        location text,
        description text,
        attendees jsonb not null default '[]',
        created_by uuid not null,
        created_at timestamptz not null,
        foreign key (workspace_id, calendar_id) references calendars (workspace_id, id),
        check (ends_at > starts_at)
      )`);
    await runner.query(`create index events_by_start on events (workspace_id, starts_at, id)`);
    await runner.query(`create index events_of_calendar on events (workspace_id, calendar_id)`);
    await protectTable(runner, 'events');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table events, calendars');
  }
}
