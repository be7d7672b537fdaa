import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { checkSignature } from './stripe.signature.ts';

const AT = 1_763_683_200;
const BODY = Buffer.from('{"id":"evt_1","type":"checkout.session.completed"}');
const V1 = 'b89052e7a6ab542a563a45652570d68b4be12e6d62e2410104f7287df8a5e3c4';
const check = (header: string, { secrets = ['whsec_test_secret'], now = AT, body = BODY } = {}) =>
  checkSignature(header, body, secrets, now);

it('accepts the known vector', () => {
  expect(check(`t=${AT},v1=${V1}`)).toBeUndefined();
});

it('accepts any secret and any signature that match', () => {
  expect(check(`t=${AT},v1=${V1}`, { secrets: ['whsec_new', 'whsec_test_secret'] })).toBeUndefined();
  expect(check(`t=${AT},v1=${'0'.repeat(64)},v1=${V1},v0=anything`)).toBeUndefined();
});

it.each([-300, 300])('accepts a clock that is %s s away', (seconds) => {
  expect(check(`t=${AT},v1=${V1}`, { now: AT + seconds })).toBeUndefined();
});

it.each([-301, 301, 86_400])('refuses one that is %s s away', (seconds) => {
  expect(check(`t=${AT},v1=${V1}`, { now: AT + seconds })).toBe('stale');
});

it.each([
  ['another body', { body: Buffer.from(`${BODY.toString()} `) }],
  ['another secret', { secrets: ['whsec_other'] }],
  ['no secret', { secrets: [] }],
])('refuses %s', (_name, changed) => {
  expect(check(`t=${AT},v1=${V1}`, changed)).toBe('mismatch');
});

it('refuses a time that was put in later', () => {
  expect(check(`t=${AT + 1},v1=${V1}`)).toBe('mismatch');
  const forged = createHmac('sha256', '').update(`${AT}.`).update(BODY).digest('hex');
  expect(check(`t=${AT},v1=${forged}`)).toBe('mismatch');
});

it.each(['', 't=,v1=', `v1=${V1}`, `t=${AT}`, `t=${AT},v0=${V1}`, `t=abc,v1=${V1}`, `t=${AT},v1=${V1}00`, 'nonsense'])(
  'refuses the header "%s"',
  (header) => {
    expect(check(header)).toBe('malformed');
  },
);
