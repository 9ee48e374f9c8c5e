import { describe, expect, test } from 'vitest';
import { converse, SaslRefused } from '../../../cli/kafka/sasl.ts';

const said = (step: IteratorResult<Buffer, void>): string => (step.done ? '(done)' : step.value.toString());

test('PLAIN says user and password once', () => {
  const conversation = converse({ mechanism: 'PLAIN', username: 'ann', password: 'secret' });
  expect(said(conversation.next())).toBe('\0ann\0secret');
  expect(conversation.next(Buffer.alloc(0)).done).toBe(true);
});

describe('SCRAM', () => {
  const pencil = { mechanism: 'SCRAM-SHA-256', username: 'user', password: 'pencil' } as const;
  const nonce = 'rOprNGfwEbeRWgbNEkqO';
  const serverFirst = `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;

  test('the conversation of RFC 7677', () => {
    const conversation = converse(pencil, nonce);
    expect(said(conversation.next())).toBe(`n,,n=user,r=${nonce}`);
    expect(said(conversation.next(Buffer.from(serverFirst)))).toBe(
      `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
    );
    expect(conversation.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).done).toBe(true);
  });

  test('a broker that does not know the password is not believed', () => {
    const conversation = converse(pencil, nonce);
    conversation.next();
    conversation.next(Buffer.from(serverFirst));
    expect(() => conversation.next(Buffer.from('v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).toThrow(SaslRefused);
  });

  test.each([
    ['a nonce that is not built on ours', 'r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'],
    ['our nonce alone', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['too few iterations', `r=${nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1`],
    ['iterations that would take an hour', `r=${nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000`],
    ['no iterations', `r=${nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==`],
  ])('%s is refused', (_, first) => {
    const conversation = converse(pencil, nonce);
    conversation.next();
    expect(() => conversation.next(Buffer.from(first))).toThrow(SaslRefused);
  });

  test('commas and equals signs in a name are escaped', () => {
    expect(said(converse({ ...pencil, username: 'a=b,c' }, nonce).next())).toBe(`n,,n=a=3Db=2Cc,r=${nonce}`);
  });

  test('each conversation has a nonce of its own', () => {
    expect(said(converse(pencil).next())).not.toBe(said(converse(pencil).next()));
  });
});
