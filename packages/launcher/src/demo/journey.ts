import { randomUUID } from 'node:crypto';
import { createApi, type Api } from './api.client.ts';
import { ANSWER, ANSWER_PAGE, makeHandbook, QUESTION } from './handbook.ts';
import { must, type Narrator } from './narrator.ts';

interface Answer {
  readonly text: string;
  readonly deltas: number;
  readonly citations: readonly { page?: number | null; documentId?: string }[];
}
interface Balance {
  readonly available: number;
  readonly held: number;
}
const asNumber = (value: unknown): number => {
  must(typeof value === 'number', 'an amount is missing');
  return value;
};
const asText = (value: unknown): string => {
  must(typeof value === 'string', 'a text is missing');
  return value;
};
const usd = (micro: number): string => `${(micro / 1e6).toFixed(6)} USD`;

const register = async (api: Api, name: string): Promise<void> => {
  const email = `${name.toLowerCase()}-${randomUUID().slice(0, 8)}@example.com`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const answer = await api.post('/api/v1/auth/register', { email, password: randomUUID(), name, timeZone: zone });
  api.signIn(asText(answer['accessToken']));
};

const upload = async (api: Api, narrator: Narrator): Promise<string> => {
  const bytes = await makeHandbook();
  const document = await api.upload('/api/v1/documents', 'handbook.pdf', 'application/pdf', bytes);
  const id = asText(document['id']);
  let shown = '';
  await api.until(
    `/api/v1/documents/${id}`,
    ({ status, progress, reason }) => {
      must(status !== 'failed', `processing failed: ${String(reason)}`);
      const now = `${String(status)} ${String(progress)} %`;
      if (now !== shown) narrator.note(`… ${now}`);
      shown = now;
      return status === 'ready';
    },
    'the document was not processed in time',
  );
  return id;
};

/** Sends a message and follows its run to the end, printing the answer as it is written. */
const say = async (api: Api, narrator: Narrator, conversation: string, text: string): Promise<Answer> => {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const sent = await api.post(`/api/v1/conversations/${conversation}/messages`, { text, timeZone });
  const run = (sent['run'] as { id: string }).id;
  let answer: Answer = { text: '', deltas: 0, citations: [] };
  let ended: string | undefined;
  for await (const { event, data } of api.stream(`/api/v1/runs/${run}/events`)) {
    if (event === 'run.restarted') answer = { text: '', deltas: 0, citations: [] };
    if (event === 'text.delta') {
      narrator.stream(asText(data['text']));
      answer = { ...answer, text: answer.text + asText(data['text']), deltas: answer.deltas + 1 };
    } else narrator.note(`[${event}] ${JSON.stringify(data).slice(0, 240)}`);
    if (event === 'message.completed') answer = { ...answer, citations: data['citations'] as Answer['citations'] };
    if (/^run\.(completed|failed|cancelled)$/.test(event)) ended = event;
    must(event !== 'run.failed', `the run failed: ${String(data['reason'])}`);
  }
  must(ended === 'run.completed', 'the stream ended without run.completed');
  return answer;
};

const readBalance = async (api: Api): Promise<Balance> => {
  const balance = await api.until('/api/v1/billing/balance', ({ held }) => held === 0, 'a hold stayed open');
  return { available: asNumber(balance['available']), held: asNumber(balance['held']) };
};

/** What the ledger says was spent: the sum of all postings on the wallet since the welcome credit. */
const ledgerBalance = async (api: Api): Promise<number> => {
  let sum = 0;
  let cursor: string | null = null;
  do {
    const page: Record<string, unknown> = await api.get(
      `/api/v1/billing/transactions?limit=100${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    for (const { postings } of page['data'] as { postings: { account: string; amount: number }[] }[])
      for (const { account, amount } of postings) if (account === 'wallet') sum += amount;
    cursor = (page['page'] as { nextCursor: string | null }).nextCursor;
  } while (cursor !== null);
  return sum;
};

/** Plays the whole journey through the gateway. @throws WrongStep at the first answer that is not as it must be */
export const playJourney = async (gateway: string, narrator: Narrator): Promise<void> => {
  const api = createApi(gateway, narrator);

  narrator.step('Sign up');
  await register(api, 'Ana');
  const credit = await api.until(
    '/api/v1/billing/balance',
    ({ available }) => Number(available) > 0,
    'no welcome credit',
  );
  const before = asNumber(credit['available']);
  narrator.note(`welcome credit: ${usd(before)}`);

  narrator.step('Upload a document of four pages');
  const documentId = await upload(api, narrator);

  narrator.step('Ask about it');
  const conversation = asText((await api.post('/api/v1/conversations', {}))['id']);
  const answer = await say(api, narrator, conversation, QUESTION);
  must(answer.text.includes(ANSWER), `the answer does not say "${ANSWER}"`);
  must(answer.deltas > 1, 'the answer came in one piece instead of a stream');
  const cited = answer.citations.some((one) => one.page === ANSWER_PAGE && one.documentId === documentId);
  must(cited, `the answer does not cite page ${ANSWER_PAGE} of the document`);

  narrator.step('Book a meeting by chat');
  const tomorrow = new Date(Date.now() + 24 * 3_600_000);
  await say(api, narrator, conversation, 'Book a meeting about the new roastery tomorrow at 15:00 for 45 minutes');
  const events = (await api.get('/api/v1/calendar/events'))['data'] as { startsAt: string; endsAt: string }[];
  const booked = events.map(({ startsAt, endsAt }) => ({ start: new Date(startsAt), end: new Date(endsAt) }));
  must(booked.length === 1, `there are ${booked.length} events in the calendar instead of 1`);
  const [{ start, end }] = booked as [{ start: Date; end: Date }];
  const atThree = start.getHours() === 15 && start.getMinutes() === 0 && start.getDate() === tomorrow.getDate();
  must(atThree, `the meeting is at ${start.toString()}`);
  must(end.getTime() - start.getTime() === 45 * 60_000, 'the meeting does not last 45 minutes');

  narrator.step('See what it cost');
  const after = await readBalance(api);
  const ledger = await ledgerBalance(api);
  must(after.available < before, 'two answers cost nothing');
  must(after.available === ledger, `the balance is ${after.available}, the ledger says ${ledger}`);
  narrator.note(
    `before ${usd(before)}, after ${usd(after.available)}, spent ${usd(before - after.available)}; the ledger agrees`,
  );

  narrator.step('Check the books');
  const trial = await api.get('/api/v1/billing/trial-balance');
  must(trial['balanced'] === true && trial['total'] === 0, 'the trial balance is not zero');

  narrator.step('Look from another workspace');
  const stranger = createApi(gateway, narrator);
  await register(stranger, 'Bruno');
  must((await stranger.status(`/api/v1/documents/${documentId}`)) === 404, "a stranger sees somebody else's document");
  must(
    (await stranger.status(`/api/v1/conversations/${conversation}`)) === 404,
    "a stranger sees somebody else's conversation",
  );
};
