// SPDX-License-Identifier: GPL-2.0-or-later
/* What only the order of the steps can tell of persistent memory: namespaces, and what is on them. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "scenario/scenario_flow.h"

/* Devices and namespaces share their ids: the memory blocks of both are onlined by id. */
int flow_claim_new(const struct flow *f, const struct step *step, const char *id)
{
	if (json_object_get(f->devices, id) || json_object_get(f->namespaces, id))
		return flow_err(f, step, "the id '%s' is taken; take another one", id);
	return 0;
}

/* A program that is expected to fail leaves everything as it was. */
static bool fails(const struct step *step)
{
	return step->expect.has_exit && step->expect.exit_code;
}

static const struct step *plug_of(const struct flow *f, const char *id)
{
	for (size_t i = 0; i < f->s->nr_steps; i++)
		if (f->s->steps[i].kind == STEP_PLUG && !strcmp(f->s->steps[i].plug.id, id))
			return &f->s->steps[i];
	return NULL;
}

/* The step that made the namespace as it is at @step; *enabled: whether a driver holds it then.  Its region's driver
 * gives all that are on it theirs. */
static const struct step *maker(const struct flow *f, const struct step *step, const char *id, bool *enabled)
{
	const struct step *made = NULL;

	for (const struct step *s = f->s->steps; s < step; s++) {
		bool drives = s->kind == STEP_ENABLE || s->kind == STEP_DISABLE;

		if (fails(s))
			continue;
		if (s->kind == STEP_NAMESPACE && !strcmp(s->namespace.id, id)) {
			made = s;
			*enabled = true;
		} else if (made && drives && (!strcmp(s->device, id) || !strcmp(s->device, made->device))) {
			*enabled = s->kind == STEP_ENABLE;
		}
	}
	return made;
}

static int need_region(const struct flow *f, const struct step *step, const char *device)
{
	if (json_object_get(f->driverless, device))
		return flow_err(f, step, "device '%s' is disabled at this point; enable it first", device);
	return 0;
}

int flow_namespace(const struct flow *f, const struct step *step)
{
	const struct step *plug = plug_of(f, step->device);
	int r = flow_use(f, step, f->devices, step->device);

	if (!r && plug && plug->plug.device == DEVICE_DIMM)
		return flow_err(f, step, "device '%s' is a DIMM and has no namespaces", step->device);
	if (!r)
		r = need_region(f, step, step->device);
	if (!r)
		r = flow_claim_new(f, step, step->namespace.id);
	if (!r && !fails(step))
		json_object_set_new(f->namespaces, step->namespace.id, json_false());
	return r;
}

/* Takes the device-dax device away that a namespace has. */
static bool takes_dax(const struct step *step)
{
	return !fails(step) && (step->kind == STEP_DISABLE || step->kind == STEP_DESTROY ||
				(step->kind == STEP_CONVERT && step->convert.to_ram));
}

bool step_fill_is_cut(const struct scenario *s, const struct step *step)
{
	const char *namespace = NULL;
	bool cut = false;

	for (const struct step *before = s->steps; before < step; before++)
		if (before->kind == STEP_FILL && !strcmp(before->fill.id, step->fill.id)) {
			namespace = before->fill.kind == FILL_DEVDAX ? before->fill.namespace : NULL;
			cut = false;
		} else if (namespace && takes_dax(before) && !strcmp(before->device, namespace)) {
			cut = true;
		}
	return cut;
}

/* What the fill @id is of that is held at @step; NULL: no fill of that name */
static const struct fill *fill_of(const struct flow *f, const struct step *step, const char *id)
{
	for (const struct step *s = step; s-- > f->s->steps; )
		if (s->kind == STEP_FILL && !strcmp(s->fill.id, id))
			return &s->fill;
	return NULL;
}

/*
 * A mapping of a device goes with the device; a file system has to go first.  When daxctl fails to convert, nobody
 * knows whether it had taken the device away by then.
 */
static int check_fill(const struct flow *f, const struct step *step, const char *id)
{
	const struct fill *fill = fill_of(f, step, id);
	bool may = fails(step) ? step->kind != STEP_CONVERT : takes_dax(step) && fill && fill->kind == FILL_DEVDAX;

	return may ? 0 : flow_err(f, step, "fill '%s' is on namespace '%s'; release it first", id, step->device);
}

/* The device is the same after two conversions: who had it mapped before finds it again, unless it died in between. */
static int check_back(const struct flow *f, const struct step *step)
{
	const json_t *held;
	const char *id;

	if (step->kind != STEP_CONVERT || step->convert.to_ram)
		return 0;
	json_object_foreach(f->fills, id, held) {
		const struct fill *fill = fill_of(f, step, id);

		if (fill && fill->kind == FILL_DEVDAX && !strcmp(fill->namespace, step->device))
			return flow_err(f, step, "fill '%s' was on namespace '%s'; release it first", id, step->device);
	}
	return 0;
}

int flow_made(const struct flow *f, const struct step *step)
{
	const json_t *ns = json_object_get(f->namespaces, step->device);
	const json_t *fill = json_object_get(f->mapped, step->device);
	const struct step *made;
	bool enabled;

	made = ns ? maker(f, step, step->device, &enabled) : NULL;
	if (!made)
		return flow_err(f, step, "namespace '%s' is not there at this point", step->device);
	if (need_region(f, step, made->device) < 0)
		return -EINVAL;
	if (fill && check_fill(f, step, json_string_value(fill)) < 0)
		return -EINVAL;
	if (fails(step))
		return 0;
	if (check_back(f, step) < 0)
		return -EINVAL;
	json_object_del(f->mapped, step->device);
	if (step->kind == STEP_DESTROY)
		json_object_del(f->namespaces, step->device);
	if (step->kind == STEP_CONVERT)
		json_object_set_new(f->namespaces, step->device, json_boolean(step->convert.to_ram));
	return 0;
}

int flow_region(const struct flow *f, const struct step *step)
{
	bool enabled, any = false;
	const json_t *is_ram, *fill;
	const char *id;

	json_object_foreach(f->namespaces, id, is_ram) {
		const struct step *made = maker(f, step, id, &enabled);

		if (!made || strcmp(made->device, step->device) != 0)
			continue;
		any = true;
		fill = json_object_get(f->mapped, id);
		if (json_is_true(is_ram))
			return flow_err(f, step, "namespace '%s' of device '%s' is system RAM; convert it first", id,
					step->device);
		if (fill)
			return flow_err(f, step, "fill '%s' is on namespace '%s' of device '%s'; release it first",
					json_string_value(fill), id, step->device);
	}
	if (!any)
		return flow_err(f, step, "device '%s' is no virtio-mem and has no namespace at this point, so it cannot be %sd",
				step->device, step_kind_name(step->kind));
	return 0;
}

int flow_fill(const struct flow *f, const struct step *step)
{
	const char *id = step->fill.namespace, *kind = fill_kind_name(step->fill.kind);
	const json_t *is_ram = id ? json_object_get(f->namespaces, id) : NULL;
	enum namespace_mode mode;
	const struct step *made;
	bool enabled;

	if (fill_kind_mode(step->fill.kind, &mode) < 0)
		return 0;
	made = is_ram ? maker(f, step, id, &enabled) : NULL;
	if (!made)
		return flow_err(f, step, "namespace '%s' is not there at this point", id);
	if (made->namespace.mode != mode)
		return flow_err(f, step, "a fill of kind '%s' needs a namespace of mode '%s'", kind,
				namespace_mode_name(mode));
	if (need_region(f, step, made->device) < 0)
		return -EINVAL;
	if (json_is_true(is_ram))
		return flow_err(f, step, "namespace '%s' is system RAM at this point", id);
	if (!enabled)
		return flow_err(f, step, "namespace '%s' is disabled at this point", id);
	if (json_object_get(f->mapped, id))
		return flow_err(f, step, "namespace '%s' has a fill on it", id);
	json_object_set_new(f->mapped, id, json_string(step->fill.id));
	return 0;
}

void flow_release(const struct flow *f, const struct step *step)
{
	const char *id;
	json_t *fill;
	void *next;

	json_object_foreach_safe(f->mapped, next, id, fill)
		if (!strcmp(json_string_value(fill), step->fill.id))
			json_object_del(f->mapped, id);
}
