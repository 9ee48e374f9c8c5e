import { type ErrorEntry, ExitCode } from '../entry.ts';

const EDITOR = 'An editor with a YAML language server checks the file against docs/todoctl.schema.json while you type.';

/** What can be wrong with todoctl.yaml. */
export const definitionErrors = {
  TODOCTL_DEFINITION_NOT_FOUND: {
    exit: ExitCode.precondition,
    title: 'No todoctl.yaml here or in a folder above',
    why: 'The definition of the platform is looked for in the current folder and then upwards.',
    next: ['Change to a folder of the project and run the command again.'],
  },
  TODOCTL_DEFINITION_UNREADABLE: {
    exit: ExitCode.precondition,
    title: 'todoctl.yaml cannot be read',
    why: 'It is a folder or a device, or its permissions keep you out.',
    next: ['Look at it with ls -l, then put a readable file there.'],
  },
  TODOCTL_DEFINITION_TOO_LARGE: {
    exit: ExitCode.usage,
    title: 'todoctl.yaml is too large',
    why: 'A definition of many services has some kilobytes. A file of more than 1 MiB, or one whose aliases grow beyond all measure, is something else.',
    next: ['Look at what the file holds.'],
  },
  TODOCTL_DEFINITION_BINARY: {
    exit: ExitCode.usage,
    title: 'todoctl.yaml is not text',
    why: 'It holds bytes that are not UTF-8, so it was saved in another encoding or is another kind of file.',
    next: ['Save it as UTF-8 text.'],
  },
  TODOCTL_DEFINITION_INVALID: {
    exit: ExitCode.usage,
    title: 'todoctl.yaml has several mistakes',
    why: 'The whole file is checked before anything is changed. Every mistake is listed with its place and its own code.',
    next: ['Correct the places listed above.', EDITOR],
  },
  TODOCTL_DEFINITION_NOT_YAML: {
    exit: ExitCode.usage,
    title: 'todoctl.yaml is not YAML',
    why: 'The text breaks a rule of YAML 1.2 at the place named. Often it is the indentation, a tab, a missing colon or an open bracket.',
    next: ['Correct the place listed above.', EDITOR],
  },
  TODOCTL_DEFINITION_DUPLICATE_KEY: {
    exit: ExitCode.usage,
    title: 'A key stands twice in one place',
    why: 'Of two equal keys one would silently win.',
    next: ['Remove or rename one of the two.'],
  },
  TODOCTL_DEFINITION_UNKNOWN_KEY: {
    exit: ExitCode.usage,
    title: 'A key is not known here',
    why: 'An unknown key would be passed over in silence, and what it asks for would not happen.',
    next: ['Use the name that is offered, or remove the key.', EDITOR],
  },
  TODOCTL_DEFINITION_MISSING_KEY: {
    exit: ExitCode.usage,
    title: 'A key is missing',
    why: 'There is no default that would be right for it.',
    next: ['Add the key at the place listed above.', EDITOR],
  },
  TODOCTL_DEFINITION_WRONG_TYPE: {
    exit: ExitCode.usage,
    title: 'A value is of the wrong kind',
    why: 'The key wants another kind of value: a text, a number, yes or no, a list or a map.',
    next: ['Write the value as the message says.', EDITOR],
  },
  TODOCTL_DEFINITION_BAD_VALUE: {
    exit: ExitCode.usage,
    title: 'A value is not one of those allowed',
    why: 'The kind is right, but the key takes only certain values or a certain range.',
    next: ['Use a value that the message names.', EDITOR],
  },
  TODOCTL_DEFINITION_BAD_NAME: {
    exit: ExitCode.usage,
    title: 'A name cannot be used',
    why: 'Names become host names, labels and topic names. So they begin with a letter and hold lower-case letters, digits and dashes only (topics also dots). Names that end in .dlq belong to dead-letter topics.',
    next: ['Choose a name like task-events.'],
  },
  TODOCTL_DEFINITION_BAD_DURATION: {
    exit: ExitCode.usage,
    title: 'A duration is not understood',
    why: 'A duration is whole numbers with units: ms, s, m, h, d or w.',
    next: ['Write it like 7d, 90m or 1h30m.'],
  },
  TODOCTL_DEFINITION_BAD_SIZE: {
    exit: ExitCode.usage,
    title: 'A size is not understood',
    why: 'A size is a whole number with a unit: B, kB, MB, GB, TB, KiB, MiB, GiB or TiB.',
    next: ['Write it like 512MiB or 10GB.'],
  },
  TODOCTL_DEFINITION_BAD_ROUTE: {
    exit: ExitCode.usage,
    title: 'A route is not understood',
    why: 'A route is a path prefix: it begins with a slash, does not end with one, and holds lower-case letters, digits and dashes.',
    next: ['Write it like /api or /.'],
  },
  TODOCTL_DEFINITION_BAD_ADDRESS: {
    exit: ExitCode.usage,
    title: 'An address is not understood',
    why: 'A bootstrap address is host:port; several are separated by commas, without spaces.',
    next: ['Write it like 127.0.0.1:9092.'],
  },
  TODOCTL_TOPIC_UNDECLARED: {
    exit: ExitCode.usage,
    title: 'A service names a topic that is not declared',
    why: 'Every topic stands under topics with its key, partitions and retention; dead-letter topics come by themselves.',
    next: ['Declare the topic under topics, or correct its name.'],
  },
  TODOCTL_SERVICE_UNDECLARED: {
    exit: ExitCode.usage,
    title: 'A service is named that is not declared',
    why: 'Only services that stand under services exist, can be invoked and can be changed by an environment.',
    next: ['Declare the service under services, or correct its name.'],
  },
  TODOCTL_ROUTE_TAKEN: {
    exit: ExitCode.usage,
    title: 'Two services want the same route',
    why: 'The entrance gives each path prefix to exactly one service.',
    next: ['Give one of the two another route.'],
  },
  TODOCTL_ROUTE_WITHOUT_AUTH: {
    exit: ExitCode.usage,
    title: 'A public route without auth',
    why: 'Outside the local provider nobody may be believed by a header. A service with a route is public, and without auth nothing says whose tokens count.',
    next: ['Add auth to the environment: auth: { jwks: https://… } or auth: { key: { env: NAME } }.'],
  },
  TODOCTL_SECRET_LITERAL: {
    exit: ExitCode.usage,
    title: 'A secret stands in todoctl.yaml itself',
    why: 'The file is shared and kept in version control, so it holds references to secrets only. The value is not shown here.',
    next: ['Write a reference instead, as named above.', 'If the file was shared already, change the secret.'],
  },
  TODOCTL_ENVIRONMENT_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'No environment has this name',
    why: 'Environments stand under environments in todoctl.yaml; --env names one of them.',
    next: ['Use one of the names listed above.'],
  },
  TODOCTL_TEMPLATE_BROKEN: {
    exit: ExitCode.bug,
    title: 'A template cannot be filled',
    why: 'The template reads a value that nothing gives it, or breaks a rule of the templates. Nothing was written.',
    next: ['Correct the template at the place named above.'],
  },
  TODOCTL_PROVIDER_UNSUPPORTED: {
    exit: ExitCode.precondition,
    title: 'This version cannot run an environment of this provider',
    why: 'todoctl makes clusters at DigitalOcean only; to any other cluster it deploys once that is there.',
    next: ['Make the cluster with the provider’s own tools, then name it: provider: existing and context: NAME, as in kubectl config get-contexts.'],
  },
} as const satisfies Record<string, ErrorEntry>;
