/** Which files hold tests, by the conventions of the usual test runners. */
import { languageOf } from "./Language.ts"

const javascriptTest =
  /[._-](test|tests|spec|specs|e2e|cy|integration|unit)\.[cm]?[jt]sx?$|(^|\/)(__tests__|tests?|specs?|e2e|cypress)\//i

export const isJavascriptTest = (path: string): boolean =>
  languageOf(path) === "javascript" && javascriptTest.test(path)

export const isRspec = (path: string): boolean => /_spec\.rb$|(^|\/)spec\/.*\.rb$/.test(path)

export const isGoTest = (path: string): boolean => /_test\.go$/.test(path)

export const isPythonTest = (path: string): boolean =>
  /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$|(^|\/)tests?\/.*\.py$/.test(path)

export const isJavaTest = (path: string): boolean =>
  languageOf(path) === "java" && /(^|\/)(src\/test|test|tests|androidTest)\/|Tests?\.[a-z]+$/.test(path)

export const isPestTest = (path: string): boolean => /(^|\/)tests?\/.*\.php$/i.test(path)
