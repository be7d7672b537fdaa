import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): unique, and sortable by creation time. */
export const newId = (): string => v7();

/** The workspace of transactions that belong to none, such as signing in. Of rows only audit records carry it: of what concerned none. */
export const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000';
