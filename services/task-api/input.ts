import { z } from 'zod';
import { normaliseRule, ruleFault } from '../contracts/recurrence-rule.ts';
import { PRIORITIES } from '../contracts/task.ts';
import { fieldFaults } from './series.ts';

const TITLE = 500;
const DESCRIPTION = 10_000;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LINES = /(?![\n\r\t])\p{Cc}/u;

/** Length in code points: an emoji of one code point counts once, as a person counts it. */
function text(most: number) {
  return z.string('Write text.').refine((value) => [...value].length <= most, `At most ${most} characters.`);
}

const title = text(TITLE)
  .refine((value) => value.trim() !== '', 'Write a title.')
  .refine((value) => !CONTROL.test(value), 'It holds a control character.');
const description = text(DESCRIPTION).refine((value) => !CONTROL_BUT_LINES.test(value), 'It holds a control character.');
const priority = z.enum(PRIORITIES, `One of ${PRIORITIES.join(', ')}.`);
const tag = text(50)
  .refine((value) => value.trim() !== '', 'Write a tag.')
  .refine((value) => !CONTROL.test(value), 'It holds a control character.');
const tags = z
  .array(tag, 'A list of texts.')
  .max(20, 'At most 20 tags.')
  .refine((list) => new Set(list).size === list.length, 'A tag stands twice.');
// What one field tells by itself is told with all other faults; what a due date and a rule tell only together comes after (series.ts).
const due = z
  .strictObject({ at: text(40), zone: text(64) }, 'An object {at, zone}, or null.')
  .superRefine((value, context) => {
    for (const { pointer, detail } of fieldFaults({ due: value, recurrence: null })) context.addIssue({ code: 'custom', path: pointer.split('/').slice(2), message: detail });
  })
  .nullable();
const recurrence = text(500)
  .transform(normaliseRule)
  .superRefine((rule, context) => {
    const fault = ruleFault(rule);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .nullable();

/** The body of POST /api/tasks. */
export const newTaskSchema = z.strictObject(
  {
    title,
    description: description.default(''),
    priority: priority.default('medium'),
    tags: tags.default([]),
    due: due.default(null),
    recurrence: recurrence.default(null),
  },
  'Send an object.',
);

/** The body of PATCH /api/tasks/:id (RFC 7396): what is absent stays, null takes a due date or a rule away. */
export const changesSchema = z.strictObject({ title, description, priority, tags, due, recurrence }, 'Send an object.').partial();

/** The body of POST /internal/occurrences. */
export const occurrenceSchema = z.object({
  task_id: z.uuid(),
  user_id: z.string().min(1),
  due: z.object({ at: z.string(), zone: z.string() }),
  recurrence: z.string(),
});
