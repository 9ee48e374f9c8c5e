// The same library in one file, which loads in a quarter of the time: without a module for each part, and without its source maps.
declare module 'handlebars/dist/handlebars.js' {
  export { default } from 'handlebars';
}
