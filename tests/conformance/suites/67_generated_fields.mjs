// Random `fields` on lists, views and writes, with excerpts and nested paths.

const NAMES = [
    "*", "id", "title", "notes", "effort", "labels", "labels.a", "labels.a.b", "labels.0", "assignees", "assignees.0", "collectionId", "collectionName", "created", "expand", "expand.*", "expand.owner", "expand.owner.*", "expand.owner.name",
    "expand.owner.expand", "expand.owner.expand.boss.name", "expand.assignees.id", "expand.assignees.*", "expand.gen_comments_via_task.text", "expand.project.team", "expand.project.expand.team.*", "nothing", "nothing.a", "*.id", "items", "items.id", "totalItems", "page",
    "title:excerpt(3)", "notes:excerpt(10,true)", "notes:excerpt(10, true)", "notes:excerpt(10,false)", "notes:excerpt(0)", "notes:excerpt(1000)", "title:excerpt(2,true)", "expand.owner.name:excerpt(2,true)", "labels:excerpt(3)", "effort:excerpt(1)", "expand.assignees.name:excerpt(1)",
    "*:excerpt(3)", "expand.*:excerpt(2)",
];
const ODD = [
    "", ",", ",,", " ", "id,,title", " id , title ", "notes:excerpt", "notes:excerpt()", "notes:excerpt(a)", "notes:excerpt(-1)", "notes:excerpt(1", "notes:excerpt(1,2)", "notes:excerpt(1,true,3)", "notes:nothing(1)", "notes:", ":excerpt(3)", "title.x", "id.x", "a.b.c.d.e.f.g.h",
    "'title'", "title'", "(title)", "-title", "ID", "x".repeat(3000), Array(300).fill("title").join(","), "password", "tokenKey", "expand.owner.password", "expand.owner.tokenKey", "expand.owner.phone", "expand.owner.email", "notes:excerpt(99999999999999999999)", "notes:excerpt(1.5)", "notes:excerpt(3,True)", "notes:excerpt(3,1)",
];
const EXPAND = "owner.boss,assignees,project.team,gen_comments_via_task";
const RANDOM_LISTS = 150;

export async function run({ recorder, guest, superuser, random }) {
    const tasks = superuser.collection("gen_tasks");
    const list = (fields, options = {}) =>
        recorder.step(`list ${fields.slice(0, 200)}`, () => tasks.getList(1, 6, { sort: "id", expand: EXPAND, fields, ...options }));
    const path = "/api/collections/gen_tasks/records";
    for (const fields of [...NAMES, ...ODD]) {
        await list(fields);
        await recorder.step(`view ${fields.slice(0, 200)}`, () => tasks.getOne("task00000000005", { expand: EXPAND, fields }));
        await recorder.step(`guest views ${fields.slice(0, 200)}`, () => guest.collection("gen_tasks").getOne("task00000000005", { expand: EXPAND, fields }));
    }
    for (let at = 0; at < RANDOM_LISTS; at++) await list(random.some(NAMES, random.between(1, 5)).join(","));
    await recorder.step("fields of the list's own keys", () => superuser.send(`${path}?fields=page,totalItems,items.id&perPage=2&sort=id`, {}));
    await recorder.step("fields of an error", () => superuser.send(`${path}/nothing?fields=status`, {}));
    await recorder.step("fields of an error of validation", () => superuser.send(`${path}?fields=message`, { method: "POST", body: { effort: 1000 } }));
    await recorder.step("fields of a create", () => tasks.create({ id: "fieldsfields001", title: "x", code: "F-1" }, { fields: "id,title" }));
    await recorder.step("fields of an update", () => tasks.update("fieldsfields001", { owner: "memb00000000001" }, { fields: "title,expand.owner.name", expand: "owner" }));
    await recorder.step("fields of a delete", () => superuser.send(`${path}/fieldsfields001?fields=id`, { method: "DELETE" }));
    await recorder.step("fields of collections", () => superuser.collections.getList(1, 50, { fields: "id,name,type,fields.name", sort: "name" }));
    await recorder.step("fields of one collection", () => superuser.collections.getOne("gen_tasks", { fields: "name,indexes,fields.*.name" }));
    await recorder.step("fields of health", () => superuser.send("/api/health?fields=code", {}));
    await recorder.step("twice fields", () => superuser.send(`${path}?fields=id&fields=title&sort=id&perPage=2`, {}));
}
