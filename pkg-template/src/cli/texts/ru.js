import { help } from "./help-ru.js";

/** @param {number} n @param {[one: string, few: string, many: string]} words */
function count(n, [one, few, many]) {
  const tens = n % 100;
  const ones = n % 10;
  return `${n} ${tens > 10 && tens < 20 ? many : ones === 1 ? one : ones > 1 && ones < 5 ? few : many}`;
}
const SEEN = "Командную строку видят другие пользователи, и она остаётся в истории оболочки.";

/** @type {Record<string, string>} */
const labels = { username: "Имя пользователя", password: "Пароль", token: "Токен" };

/** @type {import("../texts.js").Texts} */
export default {
  language: "ru",
  help,
  interrupted: "Прервано.",
  unexpected: "Произошла ошибка, которой не должно быть. Пожалуйста, сообщите о ней.",
  nobody: (id, account) => `Вход в ${id}${account === "default" ? "" : ` (учётная запись ${account})`} не выполнен.`,
  nobodyAnywhere: "Вход не выполнен ни в один сервис.",
  signIn: (word, account) => `Войдите: propusk login ${word}${account === "default" ? "" : ` --account ${account}`}`,
  signInSomewhere: "Войдите: propusk login <сервис>",
  option: (option) => `В командной строке: ${option}`,
  providerSaid: (code, message) => `Ответ сервиса: ${[code, message].filter(Boolean).join(": ")}`,
  status: (status) => `HTTP ${status}`,
  warning: (message) => `Предупреждение: ${message}`,
  answered: (status, text) => `Сервис ответил ${status}${text && ` ${text}`}.`,
  never: "срок неизвестен",
  usage: {
    noAddress: "--base-url ожидает полный адрес, например https://host/path.",
    noCommand: (commands) => `Какая команда? Есть: ${commands.join(", ")}.`,
    seeHelp: (command) => `Справка: propusk ${command ? `${command} ` : ""}--help`,
    unknownCommand: (command) => `Нет команды \`${command}\`.`,
    unknownOption: (option) => `Здесь нет параметра \`${option}\`.`,
    didYouMean: (one, all) => (one ? `Может быть, ${one}?` : `Есть: ${all.join(", ")}.`),
    tooFew: (command, given) => (command === "check-profile" ? "Какой файл?" : command === "fetch" && given > 0 ? "Какой путь?" : `Команде \`${command}\` нужен сервис.`),
    tooMany: (command, most) => `После \`${command}\` ${most === 0 ? "слов быть не должно" : `может быть ${count(most, ["слово", "слова", "слов"])}`}, а их больше.`,
    noSecrets: `Секреты спрашиваются в терминале или передаются через --stdin или окружение. ${SEEN}`,
    noValue: (option) => `У параметра \`${option}\` нет значения.`,
    needsValue: (option) => `Параметру \`${option}\` нужно значение.`,
    inline: (option) => `Значение, которое начинается с «-», пишется так: ${option}=-...`,
    twice: (option) => `Параметр \`${option}\` указан дважды.`,
    noAccount: "--account нужно имя.",
    seconds: "--min-validity — целое число секунд, 0 или больше.",
  },
  set: {
    noPair: "--set ожидает параметр=значение.",
    pair: "Например: --set timeout=5000",
    notHere: (name) => `Через --set нельзя задать \`${name}\`.`,
    instead: (option) => `Используйте ${option}.`,
    twice: (name) => `--set задаёт \`${name}\` дважды.`,
  },
  input: {
    nothingPiped: "--stdin читает из канала, а здесь терминал.",
    pipeIt: 'Например: propusk login bifit-kassa --stdin < файл, а в нём {"username": "...", "password": "..."}.',
    unreadableStdin: "Не удаётся прочитать переданное.",
    tooLong: "Переданное длиннее 1 МиБ.",
    noJson: "Переданное — не JSON.",
    noObject: "Переданное — не объект JSON.",
    noText: (name) => `Поле \`${name}\` в переданном — не текст.`,
    unreadable: (path, why) => `Не удаётся прочитать файл ${path}: ${why}.`,
    reasons: { ENOENT: "его нет", EACCES: "нет прав", EISDIR: "это папка" },
  },
  service: {
    unknown: (word) => `Нет сервиса \`${word}\`.`,
    noProfile: (path) => `В ${path} нет профиля.`,
    checkIt: (path) => `Что в нём не так: propusk check-profile ${path}`,
    noJson: (path, at) => `${path} — не JSON${at ? `: строка ${at[0]}, столбец ${at[1]}` : ""}.`,
    cannotImport: (path, why) => `Не удаётся импортировать ${path}${why && `: ${why}`}.`,
    noExport: (path) => `В ${path} нет экспорта по умолчанию.`,
  },
  login: {
    label: (name, isPhone) => (isPhone ? "Телефон" : (labels[name] ?? name)),
    code: "Код подтверждения",
    codeAgain: "Этот код не подошёл.",
    nothingToAsk: "Спросить негде: это не терминал.",
    howElse: (names) => `Передайте через --stdin: {${names.map((name) => `"${name}": "..."`).join(", ")}}`,
    noAnswer: (question) => `Нет ответа на вопрос: ${question}`,
    inputEnded: "Ввод закончился.",
    fromEnvironment: (names) => `Взято из окружения: ${names.join(", ")}. Его может прочитать каждая запущенная там программа.`,
    done: (id, account, subject, until) => `Вход в ${id} выполнен${subject ? `: ${subject}` : ""}${account === "default" ? "" : `, учётная запись ${account}`} (${until}).`,
    notKept: (id) =>
      `${id} подписывает каждый вызов самими учётными данными, поэтому они не сохраняются: \`fetch\` и \`token --header\` спрашивают их или берут из PROPUSK_USERNAME и PROPUSK_PASSWORD.`,
    until: (moment) => `действует до ${moment}`,
    visit: "Войдите в браузере по этому адресу:",
    opened: "(Браузер должен открыть его сам.)",
    waits: (place) => `Ожидание ответа на ${place}`,
    tooLate: (minutes) => `Со страницы входа никто не вернулся за ${count(minutes, ["минуту", "минуты", "минут"])}.`,
    cannotListen: (place, why) => `Не удаётся ждать ответа на ${place}: ${why}.`,
    noLoopback: "`redirectUri` — не адрес этого компьютера с портом.",
    loopback: "Например: --set redirectUri=http://127.0.0.1:8765/callback",
  },
  page: {
    done: "Вход выполнен. Это окно можно закрыть.",
    failed: "Войти не удалось. Причина — в терминале.",
    unexpected: "Этого ответа никто не ждёт.",
  },
  fetch: {
    header: "-H ожидает 'Имя: значение'.",
    late: "Ответ перестал приходить.",
    noMethod: "-X ожидает метод: GET, POST, PUT, PATCH, DELETE и тому подобное.",
    noBody: (method) => `У запроса ${method} нет тела: уберите -d или выберите другой метод.`,
    cutOff: "Ответ оборвался.",
  },
  token: {
    noHeader: "Этот сервис принимает токен в адресе, поэтому заголовка для него нет.",
    useFetch: "Используйте: propusk fetch",
  },
  sessions: { head: ["сервис", "учётная запись", "пользователь", "действует до", "продлевается"], yes: "да", no: "нет", none: "Сеансов нет." },
  logout: {
    done: (id, accounts) => `Выход из ${id} выполнен: ${accounts.join(", ")}.`,
    nobody: (id) => `Вход в ${id} и не был выполнен.`,
  },
  profile: {
    onlyWithTry: (option) => `${option} имеет смысл с --try.`,
    faultless: "Ошибок в профиле нет.",
    faults: (n) => `${count(n, ["ошибка", "ошибки", "ошибок"])}.`,
    sent: "Отправлено:",
    understood: "Понято:",
    header: "заголовки",
    form: "форма",
    json: "JSON",
  },
  waiting: {
    lock: "Ожидание другого процесса, который продлевает этот сеанс ...",
    busy: (id) => `${id} перегружен, запрос повторяется ...`,
    answer: (id) => `Ожидание ответа ${id} ...`,
  },
};
