import { defineJob, jobHandler, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import { Locale, TimeZone } from '../users/user.schema.ts';

const Application = z.object({
  userId: z.uuid(),
  workspaceId: z.uuid(),
  email: z.email(),
  passwordHash: z.string(),
  name: z.string().optional(),
  workspaceName: z.string().optional(),
  locale: Locale,
  timeZone: TimeZone,
});
export type Application = z.infer<typeof Application>;

/**
 * Makes the account that somebody applied for, or writes to the one who has that address already. Which of them it is
 * comes out here, after the answer, so neither its words nor its time can tell.
 */
export const registration = defineJob('account.register', Application, { maxAttempts: 8, concurrency: 2 });

export const registrationHandler = ({ accounts }: { accounts: Transactional<AccountService> }) =>
  jobHandler(registration, {
    async work({ payload: { workspaceId, ...application } }) {
      await accounts.run({ workspaceId, userId: application.userId }, (service) => service.admit(application));
    },
    // Nothing was promised; the person registers again.
    givenUp: () => Promise.resolve(),
  });
