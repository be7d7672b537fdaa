import {
  createAuthenticator,
  type CreationAsked,
} from '../../../../services/auth/test/fixtures/authenticator.fixture.ts';

/** What a browser does for pages of one origin: it keeps cookies and hides answers of others that are not shared. */
export const createBrowser = (origin: string) => {
  const cookies = new Map<string, string>();
  const keep = (response: Response): void => {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /max-age=0/i.test(cookie)) cookies.delete(name);
      else cookies.set(name, value);
    }
  };
  const jar = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const browserFetch: typeof globalThis.fetch = async (input, init = {}) => {
    const included = init.credentials === 'include';
    const headers = new Headers(init.headers);
    headers.set('origin', origin);
    if (included) headers.set('cookie', jar());
    const response = await fetch(input, { ...init, headers });
    if (response.headers.get('access-control-allow-origin') !== origin)
      throw new TypeError(`${response.url} is not shared`);
    if (included) keep(response);
    return response;
  };
  return {
    cookies,
    fetch: browserFetch,
    /** Follows a link. @returns where it is sent on to */
    async visit(url: string): Promise<string> {
      const response = await fetch(url, { redirect: 'manual', headers: { cookie: jar(), accept: 'text/html' } });
      keep(response);
      return response.headers.get('location') ?? '';
    },
  };
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

/**
 * `location` of a tab in which a person goes to Google, agrees, and is sent back by way of the gateway.
 * @param callback where the gateway is really reached, which Google cannot know
 */
export const createLocation = (visit: (url: string) => Promise<string>, callback: string) => {
  const location = {
    search: '',
    arrived: Promise.resolve(),
    assign(url: string): void {
      location.arrived = (async () => {
        const back = new URL(await visit(url));
        location.search = new URL(await visit(callback + back.search)).search;
      })();
    },
  };
  return location;
};
