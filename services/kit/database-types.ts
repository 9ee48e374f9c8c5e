import pg from 'pg';

const INT8 = 20;

// count(*) and identities are int8; as text they would be concatenated where they are meant to be added.
function int8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond a safe integer`);
  return value;
}

type Parse = (text: string) => unknown;

/** pg's parsers with int8 as number; for one pool only, not for the whole process. */
export const parsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string): Parse => (oid === INT8 && format !== 'binary' ? int8 : (pg.types.getTypeParser(oid, format as 'text') as Parse)),
};
