import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, makeIdentity, startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { createBillingClient } from './fixtures/billing.client.ts';
import { useBilling } from './fixtures/billing.fixture.ts';

// A hold of the client's default size costs 100 000 × 2.50 + 25 000 × 10.00 USD a million: 500 000 micro-units.
const AMOUNT = 500_000;
const CREDIT = 5_000_000;

const { people: client } = useBilling();

describe('placing a hold', () => {
  it('moves the price of the most it may use from the wallet to the held account', async () => {
    const anna = await client.customer();
    const before = Date.now();
    const { status, body } = await client.hold(anna, { reference: 'run-1' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ reference: 'run-1', amount: AMOUNT, currency: 'USD', status: 'open' });
    const seconds = (Date.parse(String(body['expiresAt'])) - before) / 1000;
    expect(seconds).toBeGreaterThan(895);
    expect(seconds).toBeLessThan(910);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - AMOUNT, held: AMOUNT });
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('holds at least one micro-unit', async () => {
    const anna = await client.customer();
    const { body } = await client.hold(anna, { maxInputTokens: 0, maxOutputTokens: 0 });
    expect(body['amount']).toBe(1);
  });

  it('prices a model that is not listed like the rest', async () => {
    const anna = await client.customer();
    const { body } = await client.hold(anna, { model: 'nobody-knows-it', maxOutputTokens: 0 });
    expect(body['amount']).toBe(500_000);
  });

  it('returns the same hold for the same reference, and holds once', async () => {
    const anna = await client.customer();
    const first = await client.hold(anna, { reference: 'same' });
    const second = await client.hold(anna, { reference: 'same' });
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect((await client.balance(anna)).held).toBe(AMOUNT);
  });

  it('refuses a reference that was used for something else', async () => {
    const anna = await client.customer();
    await client.hold(anna, { reference: 'same' });
    const { status, body } = await client.hold(anna, { reference: 'same', maxOutputTokens: 1 });
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'hold.reference_mismatch' });
    expect((await client.balance(anna)).held).toBe(AMOUNT);
  });

  it('keeps references of workspaces apart', async () => {
    const [anna, bruno] = [await client.customer(), await client.customer()];
    const first = await client.hold(anna, { reference: 'same' });
    const second = await client.hold(bruno, { reference: 'same' });
    expect(second.status).toBe(201);
    expect(second.body['id']).not.toBe(first.body['id']);
  });

  it('replays the first answer for an Idempotency-Key', async () => {
    const anna = await client.customer();
    const options = { actor: 'agent-orchestrator', key: 'key-1' };
    const first = await client.hold(anna, { reference: 'keyed' }, options);
    const second = await client.hold(anna, { reference: 'keyed' }, options);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
  });
});

describe('a hold is refused', () => {
  it('with 402 when the wallet does not cover it, saying what is missing', async () => {
    const anna = await client.customer();
    const { status, body } = await client.hold(anna, { maxOutputTokens: 500_000 });
    expect(status).toBe(402);
    expect(body).toMatchObject({ code: 'billing.insufficient_funds', required: 5_250_000, available: CREDIT });
    expect(body['detail']).toContain('5.25 USD');
    expect(await client.balance(anna)).toEqual({ available: CREDIT, held: 0 });
  });

  it('with 503 while the workspace has no accounts, so that the caller tries again', async () => {
    const { status, body, headers } = await client.hold(makeIdentity());
    expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'billing.account_opening' });
    expect(headers['retry-after']).toBe('1');
  });

  it.each([
    ['a person', undefined],
    ['another service', 'document'],
  ])('with 403 to %s', async (_name, actor) => {
    const { status, body } = await client.hold(makeIdentity(), {}, { actor });
    expect({ status, code: body['code'] }).toEqual({ status: 403, code: 'access.forbidden' });
  });

  it.each([
    ['a negative number of tokens', { maxInputTokens: -1 }, 'body.maxInputTokens'],
    ['a fraction of a token', { maxOutputTokens: 0.5 }, 'body.maxOutputTokens'],
    ['no reference', { reference: '' }, 'body.reference'],
    ['an unknown field', { amount: 1 }, 'body'],
  ])('with 422 for %s', async (_name, change, path) => {
    const { status, body, headers } = await client.hold(makeIdentity(), change);
    expect(status).toBe(422);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ path }] });
  });

  it('with 422 for more tokens than any balance covers', async () => {
    const anna = await client.customer();
    const { status, body } = await client.hold(anna, { maxInputTokens: Number.MAX_SAFE_INTEGER });
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'hold.too_large' });
  });
});

describe('32 requests at once', () => {
  it('hold what the wallet has and not a micro-unit more', async () => {
    const anna = await client.customer();
    const answers = await Promise.all(Array.from({ length: 32 }, () => client.hold(anna)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(CREDIT / AMOUNT);
    expect(statuses.filter((status) => status === 402)).toHaveLength(32 - CREDIT / AMOUNT);
    expect(await client.balance(anna)).toEqual({ available: 0, held: CREDIT });
    expect(await client.proof(anna)).toEqual({ balanced: true, total: 0 });
  });

  it('with one reference make one hold', async () => {
    const anna = await client.customer();
    const reference = randomUUID();
    const answers = await Promise.all(Array.from({ length: 32 }, () => client.hold(anna, { reference })));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await client.balance(anna)).toEqual({ available: CREDIT - AMOUNT, held: AMOUNT });
  });
});

describe('a hold that nobody settles', () => {
  let shortLived: ServiceUnderTest;
  beforeAll(async () => {
    shortLived = await startServiceUnderTest(billing, { HOLD_SECONDS: '1' });
  });
  afterAll(() => shortLived.close());

  it('goes back to the wallet when its time is over', async () => {
    const short = createBillingClient(shortLived);
    const anna = await short.customer();
    const { body } = await short.hold(anna, { reference: 'left' });
    expect((await short.balance(anna)).held).toBe(AMOUNT);
    await eventually(async () => (await short.balance(anna)).held === 0);
    expect(await short.balance(anna)).toEqual({ available: CREDIT, held: 0 });
    expect(await short.proof(anna)).toEqual({ balanced: true, total: 0 });
    expect((await short.hold(anna, { reference: 'left' })).body).toEqual({ ...body, status: 'expired' });
  });
});
