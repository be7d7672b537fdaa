import { z } from 'zod';

const TotpCode = z.string().regex(/^\d{6}$/, 'Send the six digits of your authenticator.');
const RecoveryCodeText = z.string().min(16).max(40);

export const Confirm = z.strictObject({ code: TotpCode });
const AppProof = z.strictObject({ code: TotpCode });
const CodeProof = z.strictObject({ recoveryCode: RecoveryCodeText });
/** Absent when it is in the cookie that coming back from Google left. */
const MfaToken = z.string().min(1).max(200).optional();

export const Verify = z.union([AppProof.extend({ mfaToken: MfaToken }), CodeProof.extend({ mfaToken: MfaToken })]);
export const Reauthenticate = z.union([z.strictObject({ password: z.string().min(1).max(512) }), AppProof, CodeProof]);

export const MfaStatus = z.object({ totp: z.boolean(), recoveryCodesLeft: z.int() }).meta({ id: 'MfaStatus' });
export const Enrolment = z.object({ secret: z.string(), url: z.string() }).meta({ id: 'TotpEnrolment' });
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });
