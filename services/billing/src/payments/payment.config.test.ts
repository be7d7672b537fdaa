import { expect, it } from '@jest/globals';
import { readConfig } from '@atrium/service-kit';
import { z } from 'zod';
import { paymentMeans, paymentSettings } from './payment.config.ts';

const read = (env: Record<string, string>) => paymentMeans(readConfig(z.object(paymentSettings), env));

it.each<[string, Record<string, string>, string]>([
  ['a key without a secret', { STRIPE_SECRET_KEY: 'sk_test_x' }, 'STRIPE_WEBHOOK_SECRETS'],
  ['limits the wrong way', { TOPUP_LEAST_CENTS: '900', TOPUP_MOST_CENTS: '100' }, 'TOPUP_LEAST_CENTS'],
  ['a currency without cents', { CURRENCIES: 'JPY=0.006' }, 'CURRENCIES'],
  ['taxes that are no JSON', { TAXES: '[{' }, 'TAXES'],
  ['a tax without a rate', { TAXES: '[{"name":"VAT"}]' }, 'TAXES'],
])('stops the service with a word about %s', (_name, env, word) => {
  expect(() => read(env)).toThrow(word);
});

it.each<[Record<string, string>, { stripe: boolean; manual: boolean }]>([
  [{}, { stripe: false, manual: true }],
  [{ MANUAL_TOPUPS: 'never' }, { stripe: false, manual: false }],
  [
    { STRIPE_SECRET_KEY: 'sk', STRIPE_WEBHOOK_SECRETS: 'a,b' },
    { stripe: true, manual: false },
  ],
  [
    { STRIPE_SECRET_KEY: 'sk', STRIPE_WEBHOOK_SECRETS: 'a', MANUAL_TOPUPS: 'always' },
    { stripe: true, manual: true },
  ],
])('%j means %j', (env, means) => {
  expect(read(env).means).toEqual(means);
});
