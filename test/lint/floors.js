// The house of docs/architecture.md: a file imports from its own folder and from floors below it.
// Same floor means same folder: cli/kafka may not reach into cli/kubernetes, though both are on floor 2.
import path from 'node:path';

const FLOORS = [
  ['cli/commands', 8], ['cli/fast-path.ts', 8], ['cli/base-command.ts', 7.5], ['cli/help-class.ts', 7.5], ['cli/parse-error.ts', 2], ['cli/views', 7], ['cli/operations', 6],
  ['cli/targets', 5], ['cli/render', 4],
  ['cli/systems', 3], ['cli/providers', 3], ['cli/broker', 3], ['cli/sidecar', 3], ['cli/ui', 3], ['cli/images', 3],
  ['cli/definition', 2], ['cli/engine', 2], ['cli/exec', 2], ['cli/kubernetes', 2], ['cli/kafka', 2],
  ['cli/errors', 1], ['cli/io', 1],
];
// Rooms that must never see these floors, though they lie below (design: a process reads files and speaks protocols).
const NEVER = { 'cli/broker': ['cli/definition'], 'cli/sidecar': ['cli/definition'], 'cli/kafka': ['cli/definition', 'cli/engine'] };
const SHARED_WITH_CLI = ['services/contracts'];
const SHARED_WITH_PROCESSES = [...SHARED_WITH_CLI, 'services/kit/http', 'services/kit/log', 'services/kit/metrics'];

function room(file) {
  const found = FLOORS.find(([prefix]) => file === prefix || file.startsWith(`${prefix}/`));
  return found && { name: found[0], floor: found[1] };
}

/** Says why `from` may not import `to`, both relative to the project's root; undefined when it may. */
export function refuse(from, to) {
  if (from.startsWith('services/')) {
    if (to.startsWith('cli/')) return 'services never import from cli/';
    const service = from.split('/')[1];
    const other = to.split('/')[1];
    if (service === 'contracts' && other !== 'contracts') return 'contracts stand alone';
    if (service === 'kit' && other !== 'kit' && other !== 'contracts') return 'the kit knows no service';
    if (other !== service && other !== 'kit' && other !== 'contracts') return 'a service never imports another service';
    return undefined;
  }
  if (!from.startsWith('cli/')) return undefined;
  if (to.startsWith('services/')) {
    const process = from.startsWith('cli/broker/') || from.startsWith('cli/sidecar/') || from.startsWith('cli/targets/local/gateway/');
    const allowed = process ? SHARED_WITH_PROCESSES : SHARED_WITH_CLI;
    return allowed.some((prefix) => to.startsWith(prefix)) ? undefined : `cli may import only ${allowed.join(', ')}`;
  }
  const here = room(from);
  const there = room(to);
  if (!here || !there) return undefined;
  if (NEVER[here.name]?.includes(there.name)) return `${here.name} never imports ${there.name}`;
  if (there.name === here.name) return undefined;
  if (there.floor < here.floor) return undefined;
  return `${here.name} (floor ${here.floor}) may not import ${there.name} (floor ${there.floor}): imports go down only`;
}

export const floors = {
  meta: { type: 'problem', docs: { description: 'imports go down only' }, schema: [] },
  create(context) {
    const root = context.cwd;
    const from = path.relative(root, context.filename).split(path.sep).join('/');
    const check = (node) => {
      const source = node.source;
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = path.relative(root, path.resolve(path.dirname(context.filename), source.value)).split(path.sep).join('/');
      const reason = refuse(from, to);
      if (reason) context.report({ node: source, message: reason });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};
