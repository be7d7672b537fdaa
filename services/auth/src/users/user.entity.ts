import { EntitySchema } from 'typeorm';

/** A person who can sign in; belongs to no workspace by themselves. */
export interface User {
  id: string;
  /** Lower case. */
  email: string;
  name: string;
  /** PHC string of argon2id. */
  passwordHash: string;
  locale: string;
  /** IANA name. */
  timeZone: string;
  emailVerifiedAt: Date | null;
  disabledAt: Date | null;
  createdAt: Date;
}

export const UserEntity = new EntitySchema<User>({
  name: 'User',
  tableName: 'users',
  columns: {
    id: { type: 'uuid', primary: true },
    email: { type: 'text' },
    name: { type: 'text' },
    passwordHash: { type: 'text' },
    locale: { type: 'text' },
    timeZone: { type: 'text' },
    emailVerifiedAt: { type: 'timestamptz', nullable: true },
    disabledAt: { type: 'timestamptz', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});
