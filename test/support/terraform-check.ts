import { allBlocks, type Block } from './hcl.ts';
import { DATA, type Known, LANGUAGE, LIFECYCLE, META, RESOURCES } from './terraform-digitalocean.ts';

/** The block of a type whose first labels are these. */
export function named(blocks: readonly Block[], type: string, ...labels: string[]): Block | undefined {
  return blocks.find((block) => block.type === type && labels.every((label, index) => block.labels[index] === label));
}

/** The first block of a type within another. */
export function inside(block: Block | undefined, type: string): Block | undefined {
  return block?.blocks.find((inner) => inner.type === type);
}

/** What a block holds that neither the provider nor the language knows, and what it lacks. */
export function unknownNames(block: Block): string[] {
  const { type, labels } = block;
  if (type === 'locals') return [];
  if (type !== 'resource' && type !== 'data') return mismatches(block, LANGUAGE[type], [type]);
  const kind = labels[0] ?? '';
  const known = (type === 'data' ? DATA : RESOURCES)[kind];
  const own = known && { ...known, optional: [...known.optional, ...META], blocks: { ...known.blocks, lifecycle: LIFECYCLE } };
  return mismatches(block, own, [kind]);
}

function mismatches(block: Block, known: Known | undefined, at: readonly string[]): string[] {
  const place = at.join('.');
  if (!known) return [`${place} is unknown`];
  const attributes = [...block.attributes.keys()];
  // `dynamic "acl"` stands for any number of blocks `acl`, each with what its content says.
  const blocks = block.blocks.map((inner) => (inner.type === 'dynamic' ? { name: inner.labels[0] ?? '', content: inside(inner, 'content') ?? inner } : { name: inner.type, content: inner }));
  const there = [...attributes, ...blocks.map(({ name }) => name)];
  return [
    ...attributes.filter((name) => ![...known.required, ...known.optional].includes(name)).map((name) => `${place}.${name} is unknown`),
    ...known.required.filter((name) => !there.includes(name)).map((name) => `${place}.${name} is missing`),
    ...blocks.flatMap(({ name, content }) => mismatches(content, known.blocks?.[name], [...at, name])),
  ];
}

/** Every name that a block refers to. */
export function referencesIn(block: Block): string[][] {
  return [block, ...allBlocks(block)].flatMap(({ attributes }) => [...attributes].filter(([name]) => name !== 'ignore_changes' && name !== 'type').flatMap(([, { references }]) => references));
}

/** References to what no file declares, and attributes that a thing does not have. */
export function brokenReferences(blocks: readonly Block[]): string[] {
  const locals = blocks.filter(({ type }) => type === 'locals').flatMap(({ attributes }) => [...attributes.keys()]);
  return blocks.flatMap((block) => {
    const bound = ['each', ...allBlocks(block).filter(({ type }) => type === 'dynamic').map(({ labels }) => labels[0] ?? '')];
    const names = [...block.attributes.values()].flatMap(({ text }) => [.../\bfor ([\w, ]+) in\b/.exec(text)?.[1]?.split(/, */) ?? []]);
    return referencesIn(block).filter(([first = '']) => !bound.includes(first) && !names.includes(first)).flatMap((reference) => broken(blocks, locals, reference));
  });
}

function broken(blocks: readonly Block[], locals: readonly string[], reference: readonly string[]): string[] {
  const data = reference[0] === 'data';
  const [first = '', second = '', third] = data ? reference.slice(1) : reference;
  const there = (found: boolean): string[] => (found ? [] : [`${data ? 'data.' : ''}${first}.${second} is not there`]);
  if (first === 'var') return there(named(blocks, 'variable', second) !== undefined);
  if (first === 'local') return there(locals.includes(second));
  const known = (data ? DATA : RESOURCES)[first];
  if (!known || !named(blocks, data ? 'data' : 'resource', first, second)) return there(false);
  return third === undefined || [...known.required, ...known.optional, ...known.read].includes(third) ? [] : [`${first}.${second} has no ${third}`];
}
