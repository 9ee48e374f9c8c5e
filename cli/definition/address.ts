/** An address that goes into rendered files must not carry a user and a password (`https://user:password@…`): for `refine` of a text. */
export const withoutPassword = [
  (address: string): boolean => !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(address),
  { error: 'TODOCTL_SECRET_LITERAL', params: { wants: 'the address without user and password' } },
] as const;
