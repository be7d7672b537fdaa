import { errorText } from '../failure.ts';

/** Who can sign in right after the first start. */
export const DEMO_EMAIL = 'demo@atrium.local';

/**
 * Makes sure that the demo user exists, through the public API like anybody else.
 * @returns what is wrong, in words; `undefined` when the user is there
 */
export const ensureDemoUser = async (gatewayUrl: string, password: string): Promise<string | undefined> => {
  try {
    const answer = await fetch(`${gatewayUrl}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: DEMO_EMAIL, password, name: 'Demo', workspaceName: 'Demo' }),
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.ok || answer.status === 409) return undefined;
    return `registering it answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`;
  } catch (error) {
    return `registering it failed: ${errorText(error)}`;
  }
};
