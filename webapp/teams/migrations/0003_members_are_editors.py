"""The role "member" could do all that an editor may do now."""

from typing import Any

from django.db import migrations


def members_to_editors(apps: Any, schema_editor: Any) -> None:
    apps.get_model("teams", "Membership").objects.filter(role="member").update(role="editor")


def all_but_owners_to_members(apps: Any, schema_editor: Any) -> None:
    apps.get_model("teams", "Membership").objects.exclude(role="owner").update(role="member")


class Migration(migrations.Migration):
    dependencies = [("teams", "0002_roles_and_guests")]

    operations = [migrations.RunPython(members_to_editors, all_but_owners_to_members)]
