import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as sdk from '@atrium/sdk';
import { eventually, startFakeGoogle, type FakeGoogle } from '@atrium/testing';
import { createBrowser, createCredentials, createLocation } from './browser.fixture.ts';
import { startPlatformUnderTest, type PlatformUnderTest } from './platform.fixture.ts';
import { asModule, asProgram, complaintsAbout, snippetsOf } from './snippets.fixture.ts';

const ORIGIN = 'http://localhost:5173';
const CALLBACK = 'https://atrium.example.com/api/v1/auth/google/callback';
const root = path.resolve(import.meta.dirname, '../../../..');
const markdown = readFileSync(path.join(root, 'FRONTEND_INTEGRATION.md'), 'utf8');
const snippets = snippetsOf(markdown);

/** What the snippets expect of a page. */
const PAGE = `
declare const page: {
  readonly api: string; readonly origin: string;
  newEmail(): string; draftKey(): string; chosenFile(): File; askForCode(): Promise<string>;
  showApp(): void; showSignIn(): void; show(text: string): void; showQrCode(url: string): void;
  markField(name: string, message: string): void; showProgress(part: number): void; showAnswer(text: string): void;
  showCitations(citations: unknown): void; showConnection(state: string): void; news(type: string, data: unknown): void;
  onCancel(work: () => void): void; onStopReading(work: () => void): void;
  until(holds: () => boolean): Promise<void>; heard(type: string): boolean;
};`;

/** RFC 6238 for a secret in base 32, as an app on a phone does it. */
const codeOf = (secret: string, step: number): string => {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', Buffer.from(bytes.map((byte) => parseInt(byte, 2))))
    .update(counter)
    .digest();
  return String((mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
};

const createPage = (api: string) => {
  const told: string[] = [];
  const news: string[] = [];
  let secret = '';
  let codes = 0;
  const note =
    (kind: string) =>
    (...values: unknown[]): void =>
      void told.push(
        [kind, ...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))].join(' '),
      );
  const page = {
    api,
    origin: ORIGIN,
    newEmail: () => `ana-${randomUUID().slice(0, 8)}@example.com`,
    draftKey: () => randomUUID(),
    chosenFile: () => new File(['# Shop\n\nThe shop opens at seven on weekdays and at nine at weekends.\n'], 'shop.md'),
    // A code is good once, so each is that of the next half minute.
    askForCode: async () => codeOf(secret, Math.floor(Date.now() / 30_000) + codes++),
    showQrCode: (url: string) => void (secret = new URL(url).searchParams.get('secret') ?? ''),
    showApp: note('app'),
    showSignIn: note('sign-in'),
    show: note('show'),
    markField: note('field'),
    showProgress: note('progress'),
    showAnswer: note('answer'),
    showCitations: note('citations'),
    showConnection: note('connection'),
    news: (type: string) => void news.push(type),
    onCancel: () => undefined,
    onStopReading: () => undefined,
    until: async (holds: () => boolean) => void (await eventually(async () => holds())),
    heard: (type: string) => news.includes(type),
  };
  return { page, told, news };
};

let google: FakeGoogle;
let platform: PlatformUnderTest;
beforeAll(async () => {
  google = await startFakeGoogle(CALLBACK);
  platform = await startPlatformUnderTest({
    ...google.settings,
    GOOGLE_CALLBACK_URL: CALLBACK,
    DATA_KEYS: `1:${randomBytes(32).toString('base64')}`,
    CORS_ORIGINS: ORIGIN,
    APP_URL: ORIGIN,
    PASSKEY_RP_ID: 'localhost',
    PASSKEY_ORIGINS: ORIGIN,
  });
}, 180_000);
afterAll(async () => {
  await platform.close();
  await google.close();
});

describe('FRONTEND_INTEGRATION.md', () => {
  it('is well typed where it is meant to run', () => {
    const file = path.join(import.meta.dirname, 'frontend.snippets.ts');
    expect(complaintsAbout(file, asModule(snippets, PAGE))).toEqual([]);
    const wrong = { line: 0, code: "await atrium.get('/api/v1/documents', { query: { limit: 'ten' } });" };
    expect(complaintsAbout(file, asModule([...snippets, wrong], PAGE))).toHaveLength(1);
  }, 180_000);

  it('does what it says, snippet by snippet, in a page of another origin', async () => {
    const browser = createBrowser(ORIGIN);
    // The platform is in this process too and must keep the fetch of Node.
    const inBrowser: typeof sdk.createAtrium = (options) => sdk.createAtrium({ ...options, fetch: browser.fetch });
    const { page, told, news } = createPage(platform.gateway);
    const credentials = createCredentials('localhost', ORIGIN);
    const location = createLocation(browser.visit, `${platform.gateway}/api/v1/auth/google/callback`);
    const reached: string[] = [];
    /** What one snippet sets off has happened before the next begins, as with a person in between. */
    const settled = async (): Promise<void> => {
      await location.arrived;
      for (const schema of ['auth', 'billing', 'agent', 'document', 'calendar'])
        await eventually(async () => (await platform.database.query(`select 1 from ${schema}.outbox`)).length === 0);
    };
    const at = async (line: number, what: string): Promise<void> => {
      reached.push(`${line} ${what}`);
      if (what === 'begins') await settled();
    };
    const globals = { page, location, ...credentials };
    const run = asProgram(snippets, Object.keys(globals));
    await run({ ...sdk, createAtrium: inBrowser }, at, ...Object.values(globals)).catch((error: unknown) => {
      throw new Error(`the snippet on line ${reached.at(-1)?.split(' ')[0]} failed`, { cause: error });
    });

    expect(snippets.length).toBeGreaterThan(15);
    expect(reached).toEqual(snippets.flatMap(({ line }) => [`${line} begins`, `${line} ends`]));
    const tale = told.join('\n');
    expect(tale).toMatch(/show Hello Ana/);
    expect(tale).toMatch(/show 422 request\.invalid/);
    expect(tale).toMatch(/field title /);
    expect(tale).toContain('show one conversation');
    expect(tale).toMatch(/progress 1\n/);
    expect(tale).toMatch(/answer [^"]*seven/);
    expect(tale).toMatch(/citations \[\{/);
    expect(tale).toMatch(/show [1-9]\d* more events/);
    expect(tale).toContain('connection ready');
    expect(news).toContain('document.version.processed.v1');
    expect(tale).toMatch(/show \$[\d.]+ left, \$0\.00 held/);
    expect(tale).toContain('15:00');
    expect(told.at(-1)).toBe('sign-in');
    expect([...browser.cookies.keys()].filter((name) => name.includes('refresh'))).toEqual([]);
  }, 120_000);
});
