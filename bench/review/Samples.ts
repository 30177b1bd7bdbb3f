/** Texts of many kinds, as pull requests bring them. Those of this repository are read from it. */
import { readdirSync, readFileSync } from "node:fs"
import { codeLine, type Language } from "./Code.ts"
import { random } from "./Random.ts"

export interface Sample {
  readonly kind: string
  readonly path: string
  readonly lines: ReadonlyArray<string>
}

const chinese = `持倉系統會在每次推送之後檢查變更，並把發現的問題寫成評論。
如果資料庫暫時不可用，工作不會遺失，而是稍後由另一個程序繼續執行。
用户可以在配置文件中设置忽略的路径、最大的文件数量以及评论的语言。
请注意：密钥永远不会写入日志，也不会发送给模型服务。
当请求的频率超过限制时，系统会等待到规定的时间，然后再次尝试。
这个函数返回的列表可能为空，因此调用者必须先检查它的长度。
本次修改修复了一个并发问题：两个线程可能同时更新同一条记录。
测试覆盖了正常的情况、错误的输入以及网络中断之后的恢复过程。`

const japanese = `プルリクエストが開かれると、変更された行を読み取り、問題があればコメントを残します。
データベースに接続できない場合でも、ジョブは失われず、後で再開されます。
設定ファイルでは、対象外のパス、コメントの最大数、使用する言語を指定できます。
秘密鍵やトークンは、モデルに送られる前に必ず伏せ字に置き換えられます。
この関数は値が見つからないときに例外を投げるので、呼び出し側で処理してください。
同じレビューが二度投稿されることは決してありません。`

const korean = `풀 리퀘스트가 열리면 변경된 줄을 읽고 문제가 있으면 의견을 남깁니다.
데이터베이스에 연결할 수 없어도 작업은 사라지지 않고 나중에 다시 시작됩니다.
설정 파일에서 제외할 경로와 의견의 최대 개수, 사용할 언어를 지정할 수 있습니다.
비밀 키와 토큰은 모델에 보내기 전에 항상 가려집니다.
이 함수는 값을 찾지 못하면 예외를 던지므로 호출하는 쪽에서 처리해야 합니다.`

/** So long that what stands around it in a prompt does not count. */
const often = (text: string): string => Array.from({ length: 12 }, () => text).join("\n")

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n")

const read = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .flatMap((name) => linesOf(readFileSync(`${folder}/${name}`, "utf8")))

const generated = (kind: string, language: Language): Sample => {
  const by = random(7)
  return {
    kind,
    path: `src/generated.${language}`,
    lines: Array.from({ length: 1500 }, () => codeLine(language, by))
  }
}

/** As a build leaves it: no line feeds, short names. */
const minified = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const text = lines
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(?:\/\/|\/?\*)/.test(line))
    .join(";")
    .replace(/\s*([=(){}[\],:;<>+?&|])\s*/g, "$1")
    .replace(/\b[a-z][A-Za-z]{4,}\b/g, (name) => name.slice(0, 1))
  // Longer ones than this are in no review, since no part can hold them.
  return text.match(/.{1,8000}/g) ?? []
}

/** A lock file's, and other machines'. */
const json = (): ReadonlyArray<string> => {
  const by = random(9)
  const digest = () => Array.from({ length: 16 }, () => by.int(2 ** 32).toString(36)).join("")
  return linesOf(
    JSON.stringify(
      Array.from({ length: 150 }, (_, at) => ({
        id: at,
        resolved: `https://registry.example/${by.int(1e6).toString(36)}/-/package-${by.int(20)}.${by.int(20)}.tgz`,
        integrity: `sha512-${digest()}`,
        engines: { node: `>=${by.int(22)}` }
      })),
      null,
      2
    )
  )
}

/** @param repository the folder that this repository's own texts stand in, with a slash at its end */
export const samples = (repository: string): ReadonlyArray<Sample> => {
  const source = read(`${repository}src/review`, ".ts")
  return [
    { kind: "TypeScript (src/review)", path: "src/review.ts", lines: source },
    { kind: "SQL (migrations)", path: "migrations.sql", lines: read(`${repository}migrations`, ".sql") },
    { kind: "prose (docs)", path: "docs.md", lines: read(`${repository}docs`, ".md") },
    generated("Python", "py"),
    generated("Go", "go"),
    generated("Java", "java"),
    generated("Rust", "rs"),
    generated("YAML", "yml"),
    { kind: "JSON with hashes", path: "data.json", lines: json() },
    { kind: "minified", path: "dist.js", lines: minified(source) },
    { kind: "Chinese", path: "README.zh.md", lines: linesOf(often(chinese)) },
    { kind: "Japanese", path: "README.ja.md", lines: linesOf(often(japanese)) },
    { kind: "Korean", path: "README.ko.md", lines: linesOf(often(korean)) }
  ]
}
