/** What is known when somebody comes back from Google. */
export interface LinkFacts {
  /** Whose Google account this is already. */
  readonly linkedTo: string | undefined;
  /** Whether Google says that the address is theirs. */
  readonly emailVerified: boolean;
  /** The account here with the same address, and whether its owner ever showed that the address is theirs. */
  readonly local: { readonly userId: string; readonly verified: boolean } | undefined;
}
export type LinkDecision =
  | { readonly act: 'enter' | 'link'; readonly userId: string }
  | { readonly act: 'create' | 'refuse_unverified' | 'ask_owner' };

/**
 * Whom a Google account signs in as. It is known by its subject, never by its address. An address decides only when
 * both sides verified it: whoever registers somebody else's address here first must not receive their Google sign-in.
 */
export const decideLink = ({ linkedTo, emailVerified, local }: LinkFacts): LinkDecision => {
  if (linkedTo !== undefined) return { act: 'enter', userId: linkedTo };
  if (!emailVerified) return { act: 'refuse_unverified' };
  if (!local) return { act: 'create' };
  return local.verified ? { act: 'link', userId: local.userId } : { act: 'ask_owner' };
};
