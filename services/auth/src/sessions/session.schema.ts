import { pageOf } from '@atrium/service-kit';
import { z } from 'zod';
import { deviceOf } from './device.ts';
import type { Session } from './session.entity.ts';

/** Browsers send no token: it is in their cookie. */
export const Refresh = z.strictObject({ refreshToken: z.string().min(1).max(200).optional() }).default({});

/** Where the refresh token goes: `cookie=true` keeps it from scripts, in a cookie, and out of the body. */
export const RefreshTokenPlace = z.strictObject({ cookie: z.stringbool().default(false) });

/** `expiresIn` is that of the access token, in seconds. `refreshToken` is absent when it is in the cookie. */
export const TokenPair = z
  .object({ accessToken: z.string(), refreshToken: z.string().optional(), expiresIn: z.int().positive() })
  .meta({ id: 'TokenPair' });

const SessionView = z
  .object({
    id: z.uuid(),
    /** Such as `Firefox on Linux`. */
    device: z.string().nullable(),
    userAgent: z.string().nullable(),
    ip: z.string().nullable(),
    workspaceId: z.uuid(),
    createdAt: z.iso.datetime(),
    /** When it last got an access token. */
    lastSeenAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    /** Whether it is the one that asks. */
    current: z.boolean(),
  })
  .meta({ id: 'Session' });

export const SessionPage = pageOf(SessionView).meta({ id: 'SessionPage' });

/** @param current the session that asks */
export const viewSession = (session: Session, current: string | undefined): z.input<typeof SessionView> => ({
  id: session.id,
  device: deviceOf(session.userAgent),
  userAgent: session.userAgent,
  ip: session.ip,
  workspaceId: session.workspaceId,
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
  current: session.id === current,
});
