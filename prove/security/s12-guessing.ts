import { startServiceUnderTest } from '@atrium/testing';
import type { ServiceDefinition } from '@atrium/service-kit';
import { countFaults, type Finding, type Proof, type ProofContext } from '../harness/proof.ts';
import { inParallel } from '../harness/pool.ts';
import { send, type Answer } from '../platform/http.ts';
import { canary, PASSWORD, patiently } from '../platform/people.ts';
import { areaUnderCurve, chanceOf } from './guessing/timing.ts';

const MOST_AUC = 0.55;
/** As they are delivered. */
const PER_ACCOUNT = 10;
const PER_ADDRESS = 100;

const addressOf = (number: number): string => `198.51.${100 + (number >> 8)}.${number & 255}`;

/** Auth alone, with its limits as they are delivered, behind a proxy it believes. */
const startAuth = async ({ platform }: ProofContext) => {
  const definition = platform.definitions.find(({ name }) => name === 'auth') as ServiceDefinition;
  const under = await startServiceUnderTest(definition, {
    JWT_PRIVATE_KEY: platform.privateKey,
    SERVICE_SECRETS: JSON.stringify(platform.secrets),
    TRUST_FORWARDED: 'true',
    MAILS_PER_ADDRESS: '100000',
    DATABASE_POOL: '8',
  });
  const post = (path: string, body: object, address: string): Promise<Answer> =>
    patiently(() =>
      send(`${under.url}/api/v1/auth/${path}`, { method: 'POST', body, headers: { 'x-forwarded-for': address } }),
    );
  return { under, post };
};
type Auth = Awaited<ReturnType<typeof startAuth>>;

const register = async ({ post }: Auth, address: string): Promise<string> => {
  const email = `${canary()}@example.com`;
  const { status } = await post('register', { email, password: PASSWORD }, address);
  if (status !== 201) throw new Error(`registering was answered ${status}`);
  return email;
};

/** Many guesses over many accounts from many addresses. */
const stuff = async (auth: Auth, { random, short }: ProofContext, fault: (text: string) => void): Promise<string> => {
  const [tries, accounts, addresses] = short ? [120, 6, 3] : [10_000, 1_000, 100];
  const emails: string[] = [];
  await inParallel(Array.from({ length: accounts }), 4, async (_none, at) => {
    emails.push(await register(auth, addressOf(1_000 + at)));
  });
  const reached = { account: new Map<string, number>(), address: new Map<string, number>() };
  let total = 0;
  // Some accounts are guessed at more than others, as lists of leaked passwords have it.
  const guesses = Array.from({ length: tries }, () => ({
    email: emails[Math.floor(accounts * random.next() ** 2)] ?? '',
    address: addressOf(random.int(addresses)),
  }));
  await inParallel(guesses, 6, async ({ email, address }) => {
    const { status } = await auth.post('login', { email, password: `guess ${email}` }, address);
    if (status === 429) return;
    if (status !== 401) return fault(`a wrong password is answered ${status}`);
    total += 1;
    reached.account.set(email, (reached.account.get(email) ?? 0) + 1);
    reached.address.set(address, (reached.address.get(address) ?? 0) + 1);
  });
  for (const [email, count] of reached.account)
    if (count > PER_ACCOUNT) fault(`${count} guesses at ${email} were tried`);
  for (const [address, count] of reached.address)
    if (count > PER_ADDRESS) fault(`${count} guesses from ${address} were tried`);
  return `${tries} guesses at ${accounts} accounts, ${total} tried`;
};

/** The owner signs in where they did before, while their account is being guessed at from elsewhere. */
const ownersIn = async (auth: Auth, { short }: ProofContext, fault: (text: string) => void): Promise<string> => {
  const owners = short ? 1 : 20;
  for (let at = 0; at < owners; at += 1) {
    const home = `203.0.113.${at + 1}`;
    const email = await register(auth, home);
    await auth.post('login', { email, password: PASSWORD }, home);
    for (let guess = 0; guess < PER_ACCOUNT + 5; guess += 1)
      await auth.post('login', { email, password: 'a guess of theirs' }, addressOf(5_000 + guess));
    const { status } = await auth.post('login', { email, password: PASSWORD }, home);
    if (status !== 200) fault(`the owner is answered ${status} while somebody guesses at their account`);
  }
  return `${owners} owners`;
};

/** Whether an account exists must not be told, by status, body or time. */
const enumerate = async (
  auth: Auth,
  { random, short }: ProofContext,
  fault: (text: string) => void,
): Promise<number> => {
  const samples = short ? 16 : 300;
  // Few samples differ by chance; only what chance does not explain counts then.
  const most = short ? MOST_AUC + 3 * chanceOf(samples) : MOST_AUC;
  const known: string[] = [];
  await inParallel(Array.from({ length: samples }), 4, async (_none, at) => {
    known.push(await register(auth, addressOf(10_000 + at)));
  });
  let worst = 0.5;
  const ways: [string, (email: string) => object][] = [
    ['login', (email) => ({ email, password: 'not the password' })],
    ['password/forgot', (email) => ({ email })],
    ['verify-email/resend', (email) => ({ email })],
  ];
  for (const [path, bodyOf] of ways) {
    const measure = async (): Promise<number> => {
      const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
      const shapes = new Set<string>();
      const rows = random.shuffle([
        ...known.map((email) => ({ kind: 'known' as const, email })),
        ...known.map(() => ({ kind: 'unknown' as const, email: `${canary()}@example.com` })),
      ]);
      for (const [at, { kind, email }] of rows.entries()) {
        const started = performance.now();
        const answer = await auth.post(path, bodyOf(email), addressOf(20_000 + (at % 200)));
        times[kind].push(performance.now() - started);
        shapes.add(
          `${answer.status} ${String(answer.json['code'])} ${String(answer.json['detail'])} ${Object.keys(answer.headers).sort().join()}`,
        );
      }
      if (shapes.size > 1)
        fault(`${path} tells by its answer whether there is an account: ${[...shapes].join(' or ')}`);
      return areaUnderCurve(times.known, times.unknown);
    };
    const first = await measure();
    // Chance alone moves the curve of few samples; who differs really does so again.
    const found = first > most ? Math.min(first, await measure()) : first;
    worst = Math.max(worst, found);
    if (found > most) fault(`${path} tells by its time whether there is an account: AUC ${found.toFixed(3)}`);
  }
  return worst;
};

/** Guessing passwords at scale, and guessing who has an account. */
export const guessing: Proof = {
  id: 'S12',
  title: 'stuffing and enumeration',
  gate: `0 tries beyond the limits, 0 owners locked out, timing AUC at most ${MOST_AUC}`,
  async run(context): Promise<Finding> {
    const auth = await startAuth(context);
    const faults: string[] = [];
    const fault = (text: string): void => void faults.push(text);
    try {
      const auc = await enumerate(auth, context, fault);
      const stuffed = await stuff(auth, context, fault);
      const owners = await ownersIn(auth, context, fault);
      return countFaults(faults, `${stuffed}; ${owners}; worst AUC ${auc.toFixed(3)}`);
    } finally {
      await auth.under.close();
    }
  },
};
