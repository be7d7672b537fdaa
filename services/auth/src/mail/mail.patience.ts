/**
 * For jobs that send a mail: a server that is away, or asks for some time (greylisting), is waited for, since nobody
 * else tells people what the mail would have told them.
 */
export const patientMail = { maxAttempts: 8, deadlineMs: 60_000, patienceMs: 24 * 3_600_000 };
