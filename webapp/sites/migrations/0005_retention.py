import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0004_former_domains"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="retention_days",
            field=models.PositiveIntegerField(
                default=0,
                validators=[django.core.validators.MaxValueValidator(36500)],
            ),
        ),
    ]
