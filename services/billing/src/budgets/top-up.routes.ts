import { route, type Route, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { describeProblem, topUpProblems } from './top-up.problem.ts';
import type { TopUpService } from './top-up.service.ts';

const amount = z.int().positive();
/** What went wrong, and what can be done about it. */
const Problem = { code: z.enum(topUpProblems), reason: z.string(), advice: z.string() };
const RuleView = z
  .object({
    /** Whether somebody takes payments here, without which it cannot be enabled. */
    available: z.boolean(),
    enabled: z.boolean(),
    /** Micro-units: below this the wallet is topped up. */
    threshold: z.int(),
    amount: z.int(),
    mostPerDay: z.int(),
    mostPerMonth: z.int(),
    currency: z.string(),
    /** Why it waits for somebody, although it is enabled; setting it again, or another card, has it go on. */
    paused: z.object({ ...Problem, since: z.iso.datetime() }).nullable(),
    /** What was asked for last. */
    latest: z
      .object({
        /** Also the id of its payment. */
        id: z.uuid(),
        status: z.enum(['pending', 'succeeded', 'failed']),
        amount: z.int(),
        problem: z.object(Problem).nullable(),
        createdAt: z.iso.datetime(),
      })
      .nullable(),
  })
  .meta({ id: 'BillingAutoTopUp' });

const PutRule = z
  .strictObject({
    enabled: z.boolean(),
    threshold: z.int().nonnegative(),
    amount,
    mostPerDay: amount,
    mostPerMonth: amount,
  })
  .refine(
    (rule) => rule.amount <= rule.mostPerDay && rule.mostPerDay <= rule.mostPerMonth,
    'A top-up cannot be more than a day allows, nor a day more than a month.',
  );

const present = async (service: TopUpService): Promise<z.input<typeof RuleView>> => {
  const [rule, latest] = [await service.rule(), await service.latest()];
  const { pausedAt, pausedCode } = rule ?? {};
  return {
    available: service.available,
    enabled: rule?.enabled ?? false,
    threshold: toWire(rule?.threshold ?? 0n),
    amount: toWire(rule?.amount ?? 0n),
    mostPerDay: toWire(rule?.mostPerDay ?? 0n),
    mostPerMonth: toWire(rule?.mostPerMonth ?? 0n),
    currency: CURRENCY,
    paused:
      pausedAt && pausedCode
        ? { code: pausedCode, ...describeProblem(pausedCode), since: pausedAt.toISOString() }
        : null,
    latest: latest
      ? {
          ...{ id: latest.id, status: latest.status, amount: toWire(latest.amount) },
          problem: latest.code && { code: latest.code, ...describeProblem(latest.code) },
          createdAt: latest.createdAt.toISOString(),
        }
      : null,
  };
};

export const topUpRoutes = (topUps: Transactional<TopUpService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/auto-top-up',
    id: 'readAutoTopUp',
    summary: 'Read when the wallet is topped up by itself',
    permission: 'billing:read',
    response: RuleView,
    handler: ({ tenant }) => topUps.read(tenant, present),
  }),
  route({
    method: 'put',
    path: '/billing/auto-top-up',
    id: 'changeAutoTopUp',
    summary: 'Set when the wallet is topped up by itself, and at most by how much a day and a month',
    permission: 'billing:write',
    body: PutRule,
    response: RuleView,
    errors: [409],
    handler: ({ tenant, body }) =>
      topUps.run(tenant, async (service) => {
        await service.setRule({
          enabled: body.enabled,
          threshold: BigInt(body.threshold),
          amount: BigInt(body.amount),
          mostPerDay: BigInt(body.mostPerDay),
          mostPerMonth: BigInt(body.mostPerMonth),
        });
        return present(service);
      }),
  }),
];
