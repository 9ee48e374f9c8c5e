// The page as it is seen. Text always goes in as text: a title is never markup.
import { dueTime, ownZone } from './tasks.js';

const EVENTS_SHOWN = 30;
const find = (id) => document.getElementById(id);
const moment = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const REPEATS = new Map([...find('repeat').options].filter(({ value }) => value).map(({ value, text }) => [value, text]));

/** Shows all tasks. `act.toggle(task)` and `act.remove(task)` are called for what is pressed. */
export function showTasks(tasks, act) {
  const open = tasks.open();
  const done = tasks.done();
  fill(find('open'), open, act);
  fill(find('done'), done, act);
  find('nothing').hidden = open.length > 0;
  find('done-part').hidden = done.length === 0;
  find('done-count').textContent = `(${done.length})`;
}

/** Adds a line to the ticker. */
export function showEvent(change) {
  const row = find('event-row').content.cloneNode(true);
  const time = row.querySelector('time');
  time.textContent = clock.format(new Date(change.timestamp));
  time.dateTime = change.timestamp;
  row.querySelector('.action').textContent = change.action;
  row.querySelector('.title').textContent = change.task_data.title;
  row.querySelector('.position').textContent = change.position;
  const events = find('events');
  events.prepend(row);
  while (events.children.length > EVENTS_SHOWN) events.lastElementChild.remove();
}

export function clearEvents() {
  find('events').replaceChildren();
}

export function showState(state) {
  find('state').dataset.state = state;
  find('state').textContent = state;
}

/** Says what went wrong; nothing when `text` is empty. */
export function showProblem(text) {
  find('problem').textContent = text;
  find('problem').hidden = text === '';
}

// Rows are kept by id, so that focus and the screen reader's place survive what happens meanwhile.
function fill(list, tasks, act) {
  const rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
  const wanted = tasks.map((task) => {
    const known = rows.get(task.id);
    return known?.dataset.version === String(task.version) ? known : rowOf(task, act, known);
  });
  for (const row of [...list.children]) if (!wanted.includes(row)) row.remove();
  wanted.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}

function rowOf(task, act, known) {
  const row = known ?? find('task-row').content.firstElementChild.cloneNode(true);
  row.dataset.id = task.id;
  row.dataset.version = task.version;
  row.dataset.completed = task.completed;
  const tick = row.querySelector('input');
  tick.checked = task.completed;
  tick.onchange = () => act.toggle(task);
  row.querySelector('.tick .unseen').textContent = `${task.completed ? 'Reopen' : 'Complete'} ${task.title}`;
  row.querySelector('.title').textContent = task.title;
  row.querySelector('.about').replaceChildren(...aboutOf(task));
  const remove = row.querySelector('.delete');
  remove.setAttribute('aria-label', `Delete ${task.title}`);
  remove.onclick = () => act.remove(task);
  return row;
}

function aboutOf(task) {
  const parts = [];
  if (task.priority !== 'medium') parts.push(part(`${task.priority} priority`, task.priority));
  const due = dueTime(task);
  if (due) {
    const late = !task.completed && due.time < new Date();
    parts.push(part(`due ${moment.format(due.time)}${due.elsewhere ? ` (${task.due.zone})` : ''}`, late ? 'late' : ''));
  }
  if (task.recurrence) parts.push(part(`↻ ${REPEATS.get(task.recurrence) ?? task.recurrence}`, ''));
  if (task.tags.length > 0) parts.push(part(task.tags.map((tag) => `#${tag}`).join(' '), ''));
  return parts;
}

function part(text, name) {
  const span = document.createElement('span');
  span.textContent = text;
  if (name) span.className = name;
  return span;
}

/** What the form asks for, as the API takes it. */
export function readForm(form) {
  const { title, due, repeat, priority } = form.elements;
  return {
    title: title.value,
    priority: priority.value,
    due: due.value ? { at: due.value, zone: ownZone() } : null,
    recurrence: repeat.value || null,
  };
}
