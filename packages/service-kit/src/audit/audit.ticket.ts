import { currentContext } from '../runtime/context.ts';

/** How it ended: done, refused to whoever asked, or not possible as things were. */
export type AuditOutcome = 'ok' | 'denied' | 'failed';

/** What a rule knows better than the request tells: about whom it was, what it was done to, how it ended. */
export interface AuditNote {
  /** Whose log it belongs to, when the request names no workspace, as signing in. */
  readonly workspaceId?: string;
  readonly userId?: string;
  readonly outcome?: AuditOutcome;
  /** Stable code of the reason. */
  readonly code?: string;
  /** The thing it was done to, such as an id. */
  readonly target?: string;
  /** Small facts; never secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** The one record that a request owes to the log. */
export interface AuditTicket {
  readonly operation: string;
  readonly requestId: string;
  /** How the asker proved themselves: `session:<id>`, `key:<id>`, or nothing. */
  readonly credential: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Whether success is recorded too; refusals and outcomes that a rule notes always are. */
  owed: boolean;
  recorded: boolean;
  /** What the path names, unless a rule notes another target. */
  readonly named: string | undefined;
  note: AuditNote;
}

/** Adds what a rule knows to the record of the current request; an outcome that it notes is recorded in any case. */
export const noteAudit = (note: AuditNote): void => {
  const ticket = currentContext()?.audit;
  if (!ticket) return;
  ticket.note = { ...ticket.note, ...note };
  if (note.outcome !== undefined) ticket.owed = true;
};
