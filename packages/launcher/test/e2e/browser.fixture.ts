import {
  createAuthenticator,
  type CreationAsked,
} from '../../../../services/auth/test/fixtures/authenticator.fixture.ts';

/** A fetch as a page of that origin has it: cookies are kept, and answers of others are hidden unless shared. */
export const createBrowserFetch = (origin: string, fetch: typeof globalThis.fetch) => {
  const cookies = new Map<string, string>();
  const browserFetch: typeof globalThis.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('origin', origin);
    if (init.credentials === 'include')
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(input, { ...init, headers });
    if (response.headers.get('access-control-allow-origin') !== origin)
      throw new TypeError(`${response.url} is not shared`);
    if (init.credentials !== 'include') return response;
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /max-age=0/i.test(cookie)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  return { fetch: browserFetch, cookies };
};

/** `navigator.credentials` and its JSON forms, with one passkey in it. */
export const createCredentials = (rpId: string, origin: string) => {
  const authenticator = createAuthenticator({ rpId, origin });
  const read = (options: unknown): unknown => options;
  return {
    PublicKeyCredential: { parseCreationOptionsFromJSON: read, parseRequestOptionsFromJSON: read },
    navigator: {
      credentials: {
        create: async ({ publicKey }: { publicKey: CreationAsked }) => ({
          toJSON: () => authenticator.create(publicKey),
        }),
        get: async ({ publicKey }: { publicKey: { challenge: string } }) => ({
          toJSON: () => authenticator.get(publicKey),
        }),
      },
    },
  };
};

/** `location` of a tab in which a person goes to Google, agrees, and is sent back. */
export const createLocation = (fetch: typeof globalThis.fetch) => {
  const location = {
    search: '',
    arrived: Promise.resolve(),
    assign(url: string): void {
      location.arrived = (async () => {
        const answer = await fetch(url, { redirect: 'manual' });
        location.search = new URL(answer.headers.get('location') ?? '').search;
      })();
    },
  };
  return location;
};
