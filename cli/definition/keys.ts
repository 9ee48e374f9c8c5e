import * as z from 'zod';
import type { Path } from './problems.ts';

/** The keys that `schema` allows at a path, in its order; of a union all that any branch allows. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  let schemas = branches(schema);
  for (const step of path) schemas = schemas.flatMap((inner) => child(inner, step)).flatMap(branches);
  return [...new Set(schemas.flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape as object) : [])))];
}

/** What the schema says of the value at a path, in its one line; undefined where it says nothing. */
export function describedAt(schema: z.ZodType, path: Path): string | undefined {
  let schemas = [schema];
  for (const step of path) schemas = schemas.flatMap(branches).flatMap((inner) => child(inner, step));
  return schemas.flatMap((inner) => [inner, ...branches(inner)]).map(({ description }) => description).find((line) => line !== undefined);
}

function child(schema: z.ZodType, step: string | number): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const inner = (schema.shape as Record<string, z.ZodType>)[step];
    return inner ? [inner] : [];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  return [];
}

/** Without its wrappers; a union as its options. */
function branches(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(branches);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional) {
    return branches(schema.unwrap() as z.ZodType);
  }
  return [schema];
}
