import { BalanceView, readBalance } from '@atrium/contracts';
import { callService } from '@atrium/service-kit';
import { z } from 'zod';
import { defineSkill } from './skill.ts';

const MICRO = 1_000_000;

export const getBalanceSkill = defineSkill({
  name: 'get_balance',
  description: 'Read what the workspace can still spend. Amounts are micro-units: 1000000 is one unit of the currency.',
  risk: 'read',
  input: z.object({}),
  output: BalanceView,
  run: async (_input, { urls, token, signal }) =>
    callService(readBalance, { baseUrl: urls.billing, input: {}, token: await token(), signal }),
  summarize: ({ available, currency }) => `${(available / MICRO).toFixed(2)} ${currency} available`,
});
