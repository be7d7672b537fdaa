import { auditSteps, erases, releases, type ErasureStep } from '@atrium/service-kit';

const OWN_CALENDARS = `select id from calendars where workspace_id = :workspace and user_id = :user`;

/** What an erasure does with each table: a calendar is its owner's, also in a workspace that goes on. */
export const erasureSteps: readonly ErasureStep[] = [
  erases('integrations', { ofUser: 'user_id = :user' }),
  erases('events', { ofUser: `calendar_id in (${OWN_CALENDARS})` }),
  releases('events', 'created_by = null', { ofUser: 'created_by = :user' }),
  erases('calendars', { ofUser: 'user_id = :user' }),
  ...auditSteps,
];
