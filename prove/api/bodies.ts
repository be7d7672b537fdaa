import { eventually } from '@atrium/testing';
import { mailedToken } from '../platform/mail.ts';
import { canary, must, signUp, type Person } from '../platform/people.ts';
import type { Platform } from '../platform/platform.ts';
import { form, invite } from './makers.ts';
import type { Operation } from './operations.ts';
import { exampleOf } from './schema.ts';

type BodyOf = (person: Person, platform: Platform) => unknown;

const NEW_PASSWORD = 'another long pass phrase';

/** Bodies that a schema cannot tell: what must refer to something real, or agree with the person's own things. */
const bodies: Readonly<Record<string, BodyOf>> = {
  register: () => ({ email: `${canary()}@example.com`, password: NEW_PASSWORD }),
  login: ({ email, password }) => ({ email, password }),
  refreshSession: ({ refreshToken }) => ({ refreshToken }),
  switchWorkspace: ({ refreshToken }) => ({ refreshToken }),
  changePassword: ({ password }) => ({ currentPassword: password, newPassword: NEW_PASSWORD }),
  reauthenticate: ({ password }) => ({ password }),
  forgotPassword: ({ email }) => ({ email }),
  resendVerification: ({ email }) => ({ email }),
  verifyEmail: async ({ email }, { mailDir }) => ({ token: await mailedToken(mailDir, email) }),
  inviteMember: () => ({ email: `${canary()}@example.com`, role: 'member' }),
  acceptInvitation: async (person, platform) => {
    const { token } = await invite(await signUp(platform), platform, person.email);
    return { token };
  },
  changeMember: () => ({ role: 'viewer' }),
  changeUser: () => ({ role: 'viewer' }),
  changePreferences: () => ({ theme: 'dark' }),
  createApiKey: () => ({ name: canary(), scopes: ['document:read'] }),
  createAgent: () => ({ name: canary() }),
  createConversation: () => ({ title: canary() }),
  createWorkspace: () => ({ name: canary() }),
  changeWorkspace: () => ({ name: canary() }),
  importPrices: () => ({
    prices: [{ provider: canary(), model: canary(), unit: 'input', price: '7', validFrom: '2026-01-01' }],
  }),
  estimateCost: () => ({ provider: 'openai', model: canary(), inputTokens: 100 }),
  enterTopUp: () => ({ amountCents: 500, reference: canary(), reason: canary() }),
  refundPayment: () => ({ amountCents: 100, reason: canary() }),
  sendMessage: () => ({ text: `Who is ${canary()}?` }),
  createEvent: () => ({
    title: canary(),
    startsAt: '2031-05-06T10:00:00Z',
    endsAt: '2031-05-06T11:00:00Z',
    timeZone: 'UTC',
  }),
};

/** A body that the operation takes from this person; undefined when it takes none. */
export const bodyFor = async (operation: Operation, person: Person, platform: Platform): Promise<unknown> => {
  if (operation.upload) return form();
  if (!operation.body) return undefined;
  const own = bodies[operation.id];
  return own ? own(person, platform) : exampleOf(operation.body);
};

/** Values of query parameters without which the operation is refused. */
export const queryFor = (operation: Operation): Record<string, string> =>
  'query' in operation.query ? { query: 'canary' } : {};

/** Waits for what a sign-up sets off in other services, such as the first credit. */
export const settled = (person: Person): Promise<boolean> =>
  eventually(async () => {
    const balance = must(await person.call('GET', '/billing/balance'), 'reading the balance');
    return Number(balance['available']) > 0 && balance['held'] === 0;
  }, 20_000);
