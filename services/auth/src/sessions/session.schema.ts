import { z } from 'zod';

export const Refresh = z.strictObject({ refreshToken: z.string().min(1).max(200) });

/** `expiresIn` is that of the access token, in seconds. */
export const TokenPair = z
  .object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.int().positive() })
  .meta({ id: 'TokenPair' });
