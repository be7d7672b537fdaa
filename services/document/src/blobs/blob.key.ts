import { BlobError } from './blob.store.ts';

// Segments that begin with a letter or digit cannot be `..`, hidden, absolute or a store's own folder.
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The key of one version's bytes. */
export const versionKey = (version: { workspaceId: string; documentId: string; versionId: string }): string =>
  checkKey(`${version.workspaceId}/${version.documentId}/${version.versionId}`);

/** Returns the key, or throws when it could mean anything but a place inside the store. */
export const checkKey = (key: string): string => {
  if (key.split('/').every((segment) => SEGMENT.test(segment))) return key;
  throw new BlobError(
    'blob.invalid_key',
    'A blob key is made of letters, digits, dots, dashes and underscores, parted by slashes',
  );
};

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}';
const VERSION_KEY = new RegExp(`^([0-9a-f-]{36})/${UUID}/(${UUID})(?:\\.text)?$`);

/**
 * Whose bytes a key holds, and since when: the first 48 bits of a UUIDv7 are its time in milliseconds (RFC 9562, 5.7).
 * Undefined for a key that no version was given.
 */
export const versionOfKey = (key: string): { workspaceId: string; versionId: string; createdAt: Date } | undefined => {
  const [, workspaceId, versionId] = VERSION_KEY.exec(key) ?? [];
  if (workspaceId === undefined || versionId === undefined) return undefined;
  const createdAt = new Date(Number.parseInt(versionId.replaceAll('-', '').slice(0, 12), 16));
  return { workspaceId, versionId, createdAt };
};
