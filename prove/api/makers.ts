import { randomUUID } from 'node:crypto';
import { eventually } from '@atrium/testing';
import { mailedToken } from '../platform/mail.ts';
import { canary, join, must, signIn, type Person } from '../platform/people.ts';
import type { Platform } from '../platform/platform.ts';

/** Makes one real thing in the owner's workspace. @returns its id, as the path wants it */
export type Maker = (owner: Person, platform: Platform, ids: Readonly<Record<string, string>>) => Promise<string>;

const created = async (owner: Person, path: string, body: unknown): Promise<string> =>
  String(must(await owner.call('POST', path, body), `POST ${path}`)['id']);

const firstOf = (owner: Person, path: string): Promise<string> =>
  eventually(async () => {
    const rows = must(await owner.call('GET', path), path)['data'] as { id: string }[];
    return rows[0]?.id;
  });

/** A file to upload. */
export const form = (text: string = canary()): FormData => {
  const data = new FormData();
  data.set('file', new Blob([`# ${text}\n\nWhat ${text} says is nobody else's business.\n`]), `${text}.md`);
  return data;
};

const makeConversation = (owner: Person): Promise<string> => created(owner, '/conversations', { title: canary() });

const makeRun: Maker = async (owner) => {
  const conversation = await makeConversation(owner);
  const sent = await owner.call('POST', `/conversations/${conversation}/messages`, { text: `Who is ${canary()}?` });
  return (must(sent, 'sending a message')['run'] as { id: string }).id;
};

const makeDocument: Maker = async (owner) => {
  const id = await created(owner, '/documents', form());
  await eventually(async () =>
    ['ready', 'failed'].includes(String((await owner.call('GET', `/documents/${id}`)).json['status'])),
  );
  return id;
};

/** An invitation with the secret of its mail. */
export const invite = async (
  owner: Person,
  platform: Platform,
  email: string,
): Promise<{ id: string; token: string }> => {
  const id = await created(owner, `/workspaces/${owner.workspaceId}/invitations`, { email, role: 'member' });
  return { id, token: await mailedToken(platform.mailDir, email, owner.name) };
};

const scopes = ['document:read'];

/** A delivery of the owner's workspace that a service has given up, as the relay leaves it. */
const deadLetter =
  (schema: string): Maker =>
  async (owner, { database }) => {
    const id = randomUUID();
    await database.query(
      `insert into ${schema}.outbox (event_id, subscriber, key, type, workspace_id, envelope, state)
       values ($1::uuid, 'nobody', $1::uuid::text, 'made.up.v1', $2, '{}', 'dead')`,
      [id, owner.workspaceId],
    );
    return id;
  };

/** A job of the owner's workspace that waits for later; of a kind that nobody works on. */
const job =
  (schema: string): Maker =>
  async (owner, { database }) => {
    const id = randomUUID();
    await database.query(
      `insert into ${schema}.jobs (id, kind, workspace_id, payload, run_at)
       values ($1, 'made.up', $2, '{}', now() + interval '1 day')`,
      [id, owner.workspaceId],
    );
    return id;
  };

/** As a browser's registration leaves it; no authenticator is there to make a real one. */
const passkey: Maker = async (owner, { database }) => {
  const id = randomUUID();
  await database.query(
    `insert into auth.passkeys (id, user_id, credential_id, public_key, counter, transports, syncable, backed_up, aaguid, name, created_at)
     values ($1::uuid, $2, $1::uuid::text, '\\x00', 0, '{}', false, false, $1::uuid, $3, now())`,
    [id, owner.id, canary()],
  );
  return id;
};

/** Entered by hand, so it has arrived and has an invoice. */
const makePayment = async (owner: Person): Promise<string> =>
  created(owner, '/billing/topups/manual', { amountCents: 500, reference: canary(), reason: canary() });

/** As the end of a month leaves it; the months of a new workspace are not over. */
const makeStatement: Maker = async (owner, { database }) => {
  const month = `${1000 + Math.floor(Math.random() * 900)}-01`;
  const body = {
    ...{ month, currency: 'USD', firstSeq: 1, lastSeq: 0, opening: 0, movements: [], closing: 0 },
    ...{ accounts: [], usage: [], closedAt: '2026-01-01T00:00:00.000Z' },
  };
  await database.query(
    `insert into billing.statements (workspace_id, month, first_seq, last_seq, body, closed_at)
     values ($1, $2, 1, 0, $3, now()) on conflict do nothing`,
    [owner.workspaceId, month, JSON.stringify(body)],
  );
  return month;
};

/** How to make what a path names, by the path up to and with the parameter. New routes add theirs here. */
export const makers: Readonly<Record<string, Maker>> = {
  '/workspaces/{id}': async (owner) => owner.workspaceId,
  '/workspaces/{id}/members/{userId}': async (owner, platform) => (await join(platform, owner, 'member')).id,
  '/workspaces/{id}/invitations/{invitationId}': async (owner, platform) =>
    (await invite(owner, platform, `${canary()}@example.com`)).id,
  '/users/{id}': async (owner, platform) => (await join(platform, owner, 'member')).id,
  '/auth/sessions/{id}': async (owner, platform) => (await signIn(platform, owner)).sessionId,
  '/auth/passkeys/{id}': (owner, platform) => passkey(owner, platform, {}),
  '/api-keys/{id}': (owner) => created(owner, '/api-keys', { name: canary(), scopes }),
  '/agents/{id}': (owner) => created(owner, '/agents', { name: canary() }),
  '/conversations/{id}': makeConversation,
  '/runs/{id}': makeRun,
  '/documents/{id}': makeDocument,
  '/billing/transactions/{id}': (owner) => firstOf(owner, '/billing/transactions'),
  '/billing/payments/{id}': makePayment,
  '/billing/invoices/{id}': async (owner) => {
    await makePayment(owner);
    return firstOf(owner, '/billing/invoices');
  },
  '/billing/statements/{month}': makeStatement,
  '/calendar/events/{id}': (owner) =>
    created(owner, '/calendar/events', {
      title: canary(),
      startsAt: '2031-05-06T10:00:00Z',
      endsAt: '2031-05-06T11:00:00Z',
      timeZone: 'UTC',
    }),
  ...Object.fromEntries(
    Object.entries({
      auth: 'auth',
      'agent-orchestrator': 'agent',
      document: 'document',
      billing: 'billing',
      calendar: 'calendar',
    }).flatMap(([service, schema]) => [
      [`/ops/${service}/dead-letters/{eventId}`, deadLetter(schema)],
      [`/ops/${service}/dead-letters/{eventId}/{subscriber}`, async () => 'nobody'],
      [`/ops/${service}/jobs/{id}`, job(schema)],
    ]),
  ),
};

/** What an id in a body or a query refers to, by the name of the property. */
export const referred: Readonly<Record<string, Maker>> = {
  agentId: (owner, platform) => made('/agents/{id}', owner, platform),
  documentId: (owner, platform) => made('/documents/{id}', owner, platform),
  calendarId: (owner) => firstOf(owner, '/calendar/calendars'),
  assignee: async (owner) => owner.id,
  actor: async (owner) => owner.id,
};

const made = (path: string, owner: Person, platform: Platform): Promise<string> => {
  const maker = makers[path];
  if (!maker) throw new Error(`there is no maker for ${path}`);
  return maker(owner, platform, {});
};
