/** TypeScript's compiler, asked what it says of some files. */
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Mistake {
  /** The file's name without its folder. */
  readonly file: string
  readonly line: number
  readonly code: number
  readonly message: string
}

/** As a strict program of somebody else's is compiled. */
const strict: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts"],
  types: ["node"],
  skipLibCheck: true
}

const node16 = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }
const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }

/** Both of which a program of today may be compiled with. */
export const resolutions = { node16, bundler }

/** What is wrong with a program of these files. */
export const compile = (files: ReadonlyArray<string>, options: ts.CompilerOptions): ReadonlyArray<Mistake> =>
  mistakesOf(ts.createProgram(files, { ...strict, noEmit: true, ...options }))

/**
 * What is wrong with these files of the repository, compiled as it is, if some had another content than on the disk, or
 * were there at all. Paths are those from the repository's root.
 */
export const compileWith = (
  files: ReadonlyArray<string>,
  changed: Readonly<Record<string, string>>
): ReadonlyArray<Mistake> => {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config
  const { options } = ts.parseJsonConfigFileContent({ ...config, files }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const contentOf = (file: string) => changed[path.relative(root, file)]
  const onDisk = { exists: host.fileExists, read: host.readFile }
  host.fileExists = (file) => contentOf(file) !== undefined || onDisk.exists(file)
  host.readFile = (file) => contentOf(file) ?? onDisk.read(file)
  return mistakesOf(
    ts.createProgram(
      files.map((file) => `${root}${file}`),
      options,
      host
    )
  )
}

const mistakesOf = (program: ts.Program): ReadonlyArray<Mistake> =>
  ts.getPreEmitDiagnostics(program).map(({ code, file, messageText, start }) => ({
    file: path.basename(file?.fileName ?? ""),
    line: file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1,
    code,
    message: ts.flattenDiagnosticMessageText(messageText, "\n")
  }))

/** A file of a program as JavaScript; what is wrong with it is not looked for. */
export const toJavaScript = (code: string): string =>
  ts.transpileModule(code, { compilerOptions: { ...strict, ...bundler } }).outputText
