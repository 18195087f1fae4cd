// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What only the order of the steps can tell.  The unrolled list is walked once, with what is
 * plugged, filled and running in the background kept in jansson objects, which serve as hash
 * tables: id -> true, the name of the background step that has it in its hands, or null when a
 * step may have ended either way.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "scenario/scenario_flow.h"

int flow_err(const struct flow *f, const struct step *step, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return rig_err_set(f->err, RIG_USAGE, EINVAL, "%s:%u: %s: %s", f->s->path, step->line,
			   step->pointer, text);
}

/* @holder: true when settled, a string when a background step has it */
static void put(json_t *set, const char *id, const char *background)
{
	json_object_set_new(set, id, background ? json_string(background) : json_true());
}

int flow_use(const struct flow *f, const struct step *step, const json_t *set, const char *id)
{
	const char *what = set == f->devices ? "device" : "fill";
	const json_t *holder = json_object_get(set, id);

	if (!holder)
		return flow_err(f, step, "%s '%s' is not there at this point", what, id);
	if (json_is_null(holder))
		return flow_err(f, step, "%s '%s' may be there or not at this point", what, id);
	if (json_is_string(holder))
		return flow_err(f, step, "%s '%s' is in the hands of background step '%s'; join that first",
				what, id, json_string_value(holder));
	return 0;
}

static int claim(const struct flow *f, const struct step *step, json_t *set, const char *id)
{
	if (set == f->devices && !strcmp(id, DEVICE_ID_BOOT))
		return flow_err(f, step, "'" DEVICE_ID_BOOT "' is boot memory; take another id");
	if (json_object_get(set, id))
		return flow_err(f, step, "%s '%s' is there already; take another id or %s it first",
				set == f->devices ? "device" : "fill", id,
				set == f->devices ? "unplug" : "release");
	put(set, id, step->background);
	return 0;
}

/* No step may leave boot memory changed: the model knows it as it was at boot. */
static int walk_boot(const struct flow *f, const struct step *step)
{
	if (step->kind != STEP_OFFLINE)
		return flow_err(f, step, "boot memory can only be offlined, to come 'online_again' or where that is refused");
	if (step->blocks.all)
		return flow_err(f, step, "say which 'blocks' of boot memory");
	if (!step->expect.has_errno && !step->online_again)
		return flow_err(f, step, "boot memory goes offline only to come 'online_again', or is refused: say with which 'errno' in 'expect'");
	return 0;
}

/* A step that works on a device; in the background it keeps the device to itself until its join. */
static int walk_device(const struct flow *f, const struct step *step)
{
	int r;

	if (!strcmp(step->device, DEVICE_ID_BOOT))
		return walk_boot(f, step);
	if (step->kind != STEP_ENABLE && json_object_get(f->driverless, step->device))
		return flow_err(f, step, "device '%s' is disabled at this point; enable it first", step->device);
	r = flow_use(f, step, f->devices, step->device);
	if (!r && step->background)
		put(f->devices, step->device, step->background);
	return r;
}

/* Memory blocks belong to a device, or to a namespace that has become system RAM. */
static int walk_blocks(const struct flow *f, const struct step *step)
{
	const json_t *ns = json_object_get(f->namespaces, step->device);

	if (step->expect.unfinished && (step->blocks.all || step->blocks.nr != 1))
		return flow_err(f, step, "only one block can be 'unfinished': say in 'blocks' which");
	if (step->online_again && (step->background || step->expect.has_errno || step->expect.unfinished))
		return flow_err(f, step, "what comes 'online_again' goes offline without refusal, and in the foreground");
	if (ns && !json_is_true(ns))
		return flow_err(f, step, "namespace '%s' is no system RAM at this point; convert it first",
				step->device);
	if (ns && step->background)
		return flow_err(f, step, "memory blocks of a namespace cannot be changed in the background");
	return ns ? 0 : walk_device(f, step);
}

/* What a background step leaves behind when it is over. */
static void settle(const struct flow *f, const struct step *step)
{
	bool refused = step->expect.has_qmp || step->expect.has_ost;
	bool stays = step->kind == STEP_PLUG ? !refused : refused;
	const char *id = step->kind == STEP_PLUG ? step->plug.id : step->device;

	if (step->kind == STEP_FILL)
		put(f->fills, step->fill.id, NULL);
	if ((step->kind == STEP_ONLINE || step->kind == STEP_OFFLINE) && json_object_get(f->devices, id))
		put(f->devices, id, NULL);	/* boot memory and namespaces are in nobody's hands */
	/* a resize on top of another one leaves the device in the hands of that */
	if (step->kind == STEP_RESIZE &&
	    (step->background || !json_is_string(json_object_get(f->devices, id))))
		put(f->devices, id, NULL);
	if (step->kind != STEP_PLUG && step->kind != STEP_UNPLUG)
		return;
	if (step->expect.or_success && step->kind == STEP_UNPLUG)
		json_object_set_new(f->devices, id, json_null());
	else if (stays)
		put(f->devices, id, NULL);
	else
		json_object_del(f->devices, id);
}

static int join(const struct flow *f, const struct step *step)
{
	const json_t *index = json_object_get(f->begun, step->join);

	if (!index)
		return flow_err(f, step, "no step before this one in the same list has the background name '%s'",
				step->join);
	if (json_object_get(f->joined, step->join))
		return flow_err(f, step, "background step '%s' was joined before", step->join);
	put(f->joined, step->join, NULL);
	settle(f, &f->s->steps[json_integer_value(index)]);
	return 0;
}

static bool is_listed(char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

/* What is done through a module of the kernel's own tests. */
static int check_module(const struct flow *f, const struct step *step, const char *what, const char *module,
			const char *config)
{
	if (!is_listed(f->s->modules, module))
		return flow_err(f, step, "%s needs '%s' in 'modules'", what, module);
	if (!is_listed(f->s->needs, config))
		return flow_err(f, step, "%s needs '%s' in 'needs'", what, config);
	return 0;
}

static int walk_poison(const struct flow *f, const struct step *step)
{
	int r = walk_blocks(f, step);

	if (!r && step->poison.how == POISON_LIFTED)
		r = check_module(f, step, "to unpoison", "hwpoison-inject", "HWPOISON_INJECT");
	return r;
}

static int walk_plug(const struct flow *f, const struct step *step)
{
	if (json_object_get(f->namespaces, step->plug.id))
		return flow_claim_new(f, step, step->plug.id);
	if (step->plug.device == DEVICE_VIRTIO_MEM)
		put(f->resizable, step->plug.id, NULL);
	else
		json_object_del(f->resizable, step->plug.id);
	return claim(f, step, f->devices, step->plug.id);
}

static int check_resizable(const struct flow *f, const struct step *step)
{
	if (!json_object_get(f->devices, step->device) || json_object_get(f->resizable, step->device))
		return 0;
	return flow_err(f, step, "device '%s' has no size to change; it is no virtio-mem", step->device);
}

/*
 * A size may be requested while the device is on its way to another one: it is only told where to go.
 * It is then in the hands of the first of these steps until the join of that.
 */
static int walk_resize(const struct flow *f, const struct step *step)
{
	const json_t *holder = json_object_get(f->devices, step->device);
	const json_t *index = json_is_string(holder) ? json_object_get(f->begun, json_string_value(holder)) : NULL;
	int r = check_resizable(f, step);

	if (r < 0)
		return r;
	if (index && f->s->steps[json_integer_value(index)].kind == STEP_RESIZE && !step->background)
		return 0;
	return walk_device(f, step);
}

/* Virtio-mem, which no program of the guest is asked to do it with, or the region of persistent memory. */
static int walk_driver(const struct flow *f, const struct step *step)
{
	bool off = json_object_get(f->driverless, step->device);
	int r = walk_device(f, step);

	if (!r && !json_object_get(f->resizable, step->device))
		r = flow_region(f, step);
	if (!r && step->kind == STEP_ENABLE && !off)
		return flow_err(f, step, "device '%s' is enabled at this point", step->device);
	if (!r && (step->expect.has_exit || step->expect.output))
		return flow_err(f, step, "'expect' applies to namespaces only");
	if (!r && step->kind == STEP_DISABLE)
		put(f->driverless, step->device, NULL);
	else if (!r)
		json_object_del(f->driverless, step->device);
	return r;
}

/* A size that is awaited is that of a device that nobody is resizing. */
static int walk_await(const struct flow *f, const struct step *step)
{
	int r = step->device ? check_resizable(f, step) : 0;

	return r < 0 || !step->device ? r : walk_device(f, step);
}

bool step_takes_away(const struct step *step, const char *id)
{
	return (step->kind == STEP_UNPLUG || step->kind == STEP_DESTROY || step->kind == STEP_DISABLE ||
		(step->kind == STEP_RESIZE && !step->to_bytes)) && !strcmp(step->device, id);
}

/* Nothing can be told of growth by cycles when there was none. */
static int check_cycles(const struct flow *f, const struct step *step)
{
	for (const struct step *s = step; s-- > f->s->steps && s->kind != STEP_LEAKS; )
		if (step_takes_away(s, step->device))
			return 0;
	return flow_err(f, step, "'%s' was not unplugged, resized to 0, disabled or destroyed since the last count", step->device);
}

/* A place in a device, or in a namespace, whatever that is used for. */
static int walk_devmem(const struct flow *f, const struct step *step)
{
	if (!step->device || json_object_get(f->namespaces, step->device))
		return 0;
	return flow_use(f, step, f->devices, step->device);
}

static int walk_step(const struct flow *f, const struct step *step)
{
	int r;

	switch (step->kind) {
	case STEP_PLUG:
		return walk_plug(f, step);
	case STEP_RESIZE:
		return walk_resize(f, step);
	case STEP_UNPLUG:
		return walk_device(f, step);
	case STEP_ONLINE:
	case STEP_OFFLINE:
		return walk_blocks(f, step);
	case STEP_POISON:
		return walk_poison(f, step);
	case STEP_NAMESPACE:
		return flow_namespace(f, step);
	case STEP_DISABLE:
	case STEP_ENABLE:
		return json_object_get(f->devices, step->device) ? walk_driver(f, step) : flow_made(f, step);
	case STEP_DESTROY:
	case STEP_CONVERT:
		return flow_made(f, step);
	case STEP_FILL:
		r = claim(f, step, f->fills, step->fill.id);
		return r < 0 ? r : flow_fill(f, step);
	case STEP_WALK:
		return claim(f, step, f->fills, step->walk.id);
	case STEP_CHECK:
		return flow_use(f, step, f->fills, step->fill.id);
	case STEP_RELEASE:
		r = flow_use(f, step, f->fills, step->fill.id);
		json_object_del(f->fills, step->fill.id);
		flow_release(f, step);
		return r;
	case STEP_DEVMEM:
		return walk_devmem(f, step);
	case STEP_INJECT:
		return check_module(f, step, "inject", "memory-notifier-error-inject", "MEMORY_NOTIFIER_ERROR_INJECT");
	case STEP_JOIN:
		return join(f, step);
	case STEP_LEAKS:
		return check_cycles(f, step);
	case STEP_AWAIT:
		return walk_await(f, step);
	case STEP_POLICY:
	case STEP_RUN:
	case STEP_WRITE:
	case STEP_REPEAT:
		break;
	}
	return 0;
}

static int check_names(const struct flow *f, const struct step *step)
{
	const json_t *other = json_object_get(f->names, step->name);

	if (other)
		return flow_err(f, step, "the name '%s' is taken by %s", step->name,
				json_string_value(other));
	json_object_set_new(f->names, step->name, json_string(step->pointer));
	if (!step->background)
		return 0;
	other = json_object_get(f->begun, step->background);
	if (other)
		return flow_err(f, step, "the background name '%s' is taken by %s",
				step->background, f->s->steps[json_integer_value(other)].pointer);
	json_object_set_new(f->begun, step->background, json_integer(step - f->s->steps));
	return 0;
}

static int check_joined(const struct flow *f)
{
	for (size_t i = 0; i < f->s->nr_steps; i++) {
		const struct step *step = &f->s->steps[i];

		if (step->background && !json_object_get(f->joined, step->background))
			return flow_err(f, step, "background step '%s' is never joined; add a join later in the same list",
					step->background);
	}
	return 0;
}

/* A round of a repeat is a list of its own: names carry the round, so no join crosses its border. */
int scenario_check_flow(const struct scenario *s, struct rig_err *err)
{
	json_auto_t *devices = json_object(), *fills = json_object(), *names = json_object();
	json_auto_t *begun = json_object(), *joined = json_object(), *resizable = json_object(), *driverless = json_object();
	json_auto_t *namespaces = json_object(), *mapped = json_object();
	const struct flow f = { s, devices, fills, resizable, driverless, namespaces, mapped, names, begun, joined, err };
	int r;

	for (size_t i = 0; i < s->nr_pmem; i++)
		put(devices, s->pmem[i].id, NULL);

	for (size_t i = 0; i < s->nr_steps; i++) {
		const struct step *step = &s->steps[i];

		r = check_names(&f, step);
		if (!r)
			r = walk_step(&f, step);
		if (r < 0)
			return r;
		if (!step->background)
			settle(&f, step);
	}
	return check_joined(&f);
}
