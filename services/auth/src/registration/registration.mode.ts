import { DomainError } from '@atrium/service-kit';
import { z } from 'zod';

/**
 * Who may make an account: everybody at once; everybody who reads the mail to the address, where nothing tells whether
 * there was an account already; or only those who were invited.
 */
export const RegistrationMode = z.enum(['open', 'by-mail', 'closed']);
export type RegistrationMode = z.infer<typeof RegistrationMode>;

/** The same for an address that has an account: being closed tells nothing about anybody. */
export const registrationClosed = (): DomainError =>
  new DomainError(
    'auth.registration_closed',
    403,
    'New accounts are made by invitation only. Follow the link of your invitation, or sign in.',
  );
