/**
 * A connection string that pg reads as PostgreSQL's own clients and Dapr's state store do (PostgreSQL's manual, libpq, SSL support):
 * `sslmode=require` encrypts and asks nobody who signed, `verify-full` asks. Else pg takes the one for the other, and refuses a managed
 * database, whose certificates nobody signed whom Node trusts.
 */
export function asLibpqReads(url: string): string {
  return /[?&]sslmode=/.test(url) && !/[?&]uselibpqcompat=/.test(url) ? `${url}&uselibpqcompat=true` : url;
}
