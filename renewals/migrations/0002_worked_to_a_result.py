import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_deputies'),
        ('channels', '0002_outlet_opened'),
        ('projects', '0003_daily_results'),
        ('renewals', '0001_initial'),
        ('workbooks', '0003_header_matches_of_ones_own'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Chance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('band', models.CharField(max_length=40)),
                ('expiring', models.PositiveIntegerField()),
                ('renewed', models.PositiveIntegerField()),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('medium', models.CharField(choices=[('call', 'phone call'), ('visit', 'visit at the door')], max_length=8, verbose_name='how')),
                ('outcome', models.CharField(choices=[('renewed', 'renewed'), ('promised', 'promised by a date'), ('refused', 'refused'), ('no_answer', 'no answer'), ('wrong_number', 'wrong number'), ('moved', 'moved away'), ('void', 'recorded by mistake')], max_length=12, verbose_name='result')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                ('loss', models.CharField(blank=True, choices=[('price', 'too expensive'), ('rival', 'went to a rival'), ('quality', 'network quality'), ('service', 'service'), ('moved', 'moved away'), ('unused', 'no longer needed'), ('lapsed', 'no result in the win-back window'), ('other', 'other reason')], max_length=10, verbose_name='reason')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='remark')),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ('accuracy_m', models.PositiveIntegerField(blank=True, help_text='radius in metres', null=True)),
                ('state_before', models.CharField(choices=[('listed', 'listed'), ('assigned', 'assigned'), ('contacted', 'contacted'), ('second_visit', 'second visit due'), ('unreachable', 'unreachable'), ('renewed', 'renewed'), ('lost', 'lost'), ('withdrawn', 'withdrawn')], max_length=12)),
                ('state_after', models.CharField(choices=[('listed', 'listed'), ('assigned', 'assigned'), ('contacted', 'contacted'), ('second_visit', 'second visit due'), ('unreachable', 'unreachable'), ('renewed', 'renewed'), ('lost', 'lost'), ('withdrawn', 'withdrawn')], max_length=12)),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ContactPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image', models.FileField(upload_to='contacts/%Y/%m/')),
                ('small', models.FileField(upload_to='contacts/%Y/%m/')),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='DayTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('expiring', models.PositiveIntegerField(default=0)),
                ('renewed', models.PositiveIntegerField(default=0)),
                ('lost', models.PositiveIntegerField(default=0)),
                ('contacted', models.PositiveIntegerField(default=0, help_text='live warnings whose first contact was on the day')),
                ('calls', models.PositiveIntegerField(default=0)),
                ('visits', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='Difference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='first day of the month of expiry', verbose_name='month')),
                ('kind', models.CharField(choices=[('theirs', "only on the specialist's list"), ('ours', 'only on our list'), ('expiry', 'expiry differs')], max_length=8, verbose_name='difference')),
                ('reason', models.CharField(choices=[('unknown', 'account is not in the roster'), ('inactive', 'suspended or closed in the roster'), ('other_month', 'expires in another month'), ('no_expiry', 'no expiry in the roster'), ('other_unit', 'belongs to another unit'), ('duplicate', 'settled as a duplicate'), ('taken_off', 'taken off the list by hand'), ('not_listed', 'not yet on the list'), ('missing', 'missing on their list'), ('other_list', 'on their list of a month nearby'), ('elsewhere', 'on the list of another unit'), ('same_month', 'another day of the month')], db_default='', default='', max_length=12, verbose_name='why')),
                ('account', models.CharField(max_length=32, verbose_name='account')),
                ('ours_on', models.DateField(blank=True, null=True, verbose_name='ours')),
                ('theirs_on', models.DateField(blank=True, null=True, verbose_name="the specialist's")),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='found')),
                ('decision', models.CharField(blank=True, choices=[('theirs', 'the specialist is right'), ('ours', 'ours stays')], db_default='', default='', max_length=8, verbose_name='decision')),
                ('note', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='remark')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('earlier', models.CharField(blank=True, choices=[('theirs', 'the specialist is right'), ('ours', 'ours stays')], db_default='', default='', max_length=8, verbose_name='decided before')),
                ('effect', models.JSONField(blank=True, editable=False, help_text='what the decision changed', null=True)),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, help_text='last found by comparing')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled')),
            ],
            options={
                'verbose_name': 'difference',
                'verbose_name_plural': 'differences',
                'ordering': ['kind', 'account'],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'handover',
                'verbose_name_plural': 'handovers',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LossTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('loss', models.CharField(choices=[('price', 'too expensive'), ('rival', 'went to a rival'), ('quality', 'network quality'), ('service', 'service'), ('moved', 'moved away'), ('unused', 'no longer needed'), ('lapsed', 'no result in the win-back window'), ('other', 'other reason')], max_length=10)),
                ('lost', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='PastContract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expires_on', models.DateField(verbose_name='expires on')),
                ('product', models.CharField(blank=True, max_length=60, verbose_name='product')),
                ('speed_mbps', models.PositiveIntegerField(blank=True, null=True, verbose_name='speed (Mbit/s)')),
                ('monthly_fee', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, verbose_name='monthly fee (yuan)')),
                ('replaced_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='replaced')),
            ],
            options={
                'verbose_name': 'earlier contract',
                'verbose_name_plural': 'earlier contracts',
                'ordering': ['-expires_on'],
            },
        ),
        migrations.CreateModel(
            name='RenewalTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='first day of the month of expiry', verbose_name='month')),
                ('kind', models.CharField(choices=[('contacts', 'contacts lag'), ('renewals', 'renewals lag'), ('other', 'other')], max_length=10, verbose_name='kind')),
                ('numbers', models.JSONField(blank=True, default=dict, editable=False)),
                ('what', models.CharField(max_length=200, verbose_name='what is to be done')),
                ('due_on', models.DateField(verbose_name='by when')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('result', models.CharField(blank=True, max_length=300, verbose_name='what came of it')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Reopening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BooleanField(default=False, verbose_name='the number was put right')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'reopening',
                'verbose_name_plural': 'reopenings',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ReturnedLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                ('month', models.DateField(help_text='first day of the month of expiry', verbose_name='month')),
                ('account', models.CharField(max_length=32, verbose_name='account')),
                ('day', models.DateField(verbose_name='day of the contact')),
                ('medium', models.CharField(choices=[('call', 'phone call'), ('visit', 'visit at the door')], max_length=8, verbose_name='how')),
                ('outcome', models.CharField(choices=[('renewed', 'renewed'), ('promised', 'promised by a date'), ('refused', 'refused'), ('no_answer', 'no answer'), ('wrong_number', 'wrong number'), ('moved', 'moved away'), ('void', 'recorded by mistake')], max_length=12, verbose_name='result')),
                ('promised_on', models.DateField(blank=True, null=True, verbose_name='promised for')),
                ('loss', models.CharField(blank=True, choices=[('price', 'too expensive'), ('rival', 'went to a rival'), ('quality', 'network quality'), ('service', 'service'), ('moved', 'moved away'), ('unused', 'no longer needed'), ('lapsed', 'no result in the win-back window'), ('other', 'other reason')], max_length=10, verbose_name='reason')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='remark')),
                ('why_not', models.CharField(blank=True, db_default='', default='', editable=False, help_text='why no contact came of it', max_length=200)),
            ],
            options={
                'verbose_name': 'row of a filled list',
                'verbose_name_plural': 'filled lists',
                'ordering': ['month', 'account', 'day'],
            },
        ),
        migrations.CreateModel(
            name='SecondVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled')),
            ],
            options={
                'verbose_name': 'second visit',
                'verbose_name_plural': 'second visits',
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SpecialistLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                ('month', models.DateField(help_text='first day of the month of expiry', verbose_name='month')),
                ('account', models.CharField(max_length=32, verbose_name='account')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='subscriber name')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='expires on')),
                ('product', models.CharField(blank=True, max_length=60, verbose_name='product')),
                ('monthly_fee', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, verbose_name='monthly fee (yuan)')),
            ],
            options={
                'verbose_name': "row of the specialist's list",
                'verbose_name_plural': "specialist's list",
                'ordering': ['month', 'account'],
            },
        ),
        migrations.CreateModel(
            name='SubscriberNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=500, verbose_name='note')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SubscriberNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=20, verbose_name='phone')),
                ('is_right', models.BooleanField(verbose_name='right')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='remark')),
            ],
            options={
                'verbose_name': 'number',
                'verbose_name_plural': 'numbers',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expiring', models.PositiveIntegerField(help_text='live warnings: all but withdrawn ones')),
                ('due', models.PositiveIntegerField(help_text='of these, those whose first call was due by the day counted')),
                ('due_contacted', models.PositiveIntegerField(help_text='of the due ones, those contacted at least once')),
                ('contacted', models.PositiveIntegerField(help_text='contacted at least once')),
                ('expired', models.PositiveIntegerField(help_text='those whose day of expiry is over by the day counted')),
                ('expired_renewed', models.PositiveIntegerField(help_text='of these, those that renewed')),
                ('expired_open', models.PositiveIntegerField(default=0, help_text='of these, those still worked at: in the win-back window')),
                ('won_back', models.PositiveIntegerField(default=0, help_text='renewed only after the day of expiry')),
                ('renewed', models.PositiveIntegerField()),
                ('confirmed', models.PositiveIntegerField(help_text='of the renewed, those the roster shows')),
                ('lost', models.PositiveIntegerField()),
                ('unreachable', models.PositiveIntegerField()),
                ('promised', models.PositiveIntegerField(help_text='open, with a promise')),
                ('visits_owed', models.PositiveIntegerField(help_text='warnings that ever owed a second visit')),
                ('visits_made', models.PositiveIntegerField(help_text='of these, those visited at least once')),
                ('overdue', models.PositiveIntegerField(help_text='open, with the next step due before the day counted')),
                ('fees', models.DecimalField(decimal_places=2, help_text='monthly fees of those still open, in yuan', max_digits=12)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='subscriber',
            name='subscriber_not_active',
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='chance',
            field=models.PositiveSmallIntegerField(blank=True, help_text='by what the like of them did before', null=True, verbose_name='chance of renewal (%)'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='confirmed_on',
            field=models.DateField(blank=True, null=True, verbose_name='seen in the roster on'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='contacts_made',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='contacts'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='last_contact_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last contact'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='last_outcome',
            field=models.CharField(blank=True, choices=[('renewed', 'renewed'), ('promised', 'promised by a date'), ('refused', 'refused'), ('no_answer', 'no answer'), ('wrong_number', 'wrong number'), ('moved', 'moved away'), ('void', 'recorded by mistake')], db_default='', default='', max_length=12, verbose_name='last result'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='loss',
            field=models.CharField(blank=True, choices=[('price', 'too expensive'), ('rival', 'went to a rival'), ('quality', 'network quality'), ('service', 'service'), ('moved', 'moved away'), ('unused', 'no longer needed'), ('lapsed', 'no result in the win-back window'), ('other', 'other reason')], db_default='', default='', max_length=10, verbose_name='reason of loss'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='lost_on',
            field=models.DateField(blank=True, null=True, verbose_name='lost on'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='next_on',
            field=models.DateField(blank=True, help_text='none when it is closed', null=True, verbose_name='next on'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='next_step',
            field=models.CharField(blank=True, choices=[('call', 'call'), ('promise', 'ask about the promise'), ('visit', 'second visit'), ('number', 'check the number')], db_default='', default='', max_length=8, verbose_name='next step'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='promised_on',
            field=models.DateField(blank=True, null=True, verbose_name='promised for'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='renewed_on',
            field=models.DateField(blank=True, null=True, verbose_name='renewed on'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='renewed_until',
            field=models.DateField(blank=True, null=True, verbose_name='renewed until'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='resume',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=12),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='staff',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='warnings', to='channels.agentstaff', verbose_name='followed by'),
        ),
        migrations.AddField(
            model_name='expirywarning',
            name='withdrawn_by',
            field=models.ForeignKey(blank=True, db_index=False, help_text='set: stays off the list until somebody puts it back', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken off by'),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='duplicate_of',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='duplicates', to='renewals.subscriber', verbose_name='duplicate of'),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='household',
            field=models.CharField(blank=True, choices=[('moved', 'moved away'), ('vacant', 'vacant'), ('duplicate', 'duplicate')], db_default='', default='', max_length=10, verbose_name='household'),
        ),
        migrations.AddField(
            model_name='warninglist',
            name='tallied_on',
            field=models.DateField(editable=False, help_text='the day by which its tallies were counted; they look at what is due', null=True),
        ),
        migrations.AlterField(
            model_name='expirywarning',
            name='state',
            field=models.CharField(choices=[('listed', 'listed'), ('assigned', 'assigned'), ('contacted', 'contacted'), ('second_visit', 'second visit due'), ('unreachable', 'unreachable'), ('renewed', 'renewed'), ('lost', 'lost'), ('withdrawn', 'withdrawn')], max_length=12, verbose_name='state'),
        ),
        migrations.AddIndex(
            model_name='expirywarning',
            index=models.Index(condition=models.Q(('next_on__isnull', False)), fields=['agent', 'next_step', 'next_on'], name='warning_agent_next'),
        ),
        migrations.AddIndex(
            model_name='expirywarning',
            index=models.Index(condition=models.Q(('next_on__isnull', False)), fields=['warning_list', 'next_step', 'next_on'], name='warning_list_next'),
        ),
        migrations.AddIndex(
            model_name='expirywarning',
            index=models.Index(condition=models.Q(('staff__isnull', False)), fields=['staff', 'month'], name='warning_by_staff'),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('status__in', ['suspended', 'closed']), ('household', 'duplicate'), _connector='OR'), fields=['project', 'expires_on'], name='subscriber_not_listed'),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('household', ''), _negated=True), fields=['project'], name='subscriber_households'),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(fields=['phone'], name='subscriber_by_phone', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(fields=['name'], name='subscriber_by_name', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('duplicate_of__isnull', False)), fields=['duplicate_of'], name='subscriber_duplicates'),
        ),
        migrations.AddConstraint(
            model_name='expirywarning',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'renewed'), _negated=True), ('renewed_on__isnull', False), _connector='OR'), name='warning_renewed_since'),
        ),
        migrations.AddConstraint(
            model_name='expirywarning',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'lost'), _negated=True), models.Q(models.Q(('loss', ''), _negated=True), ('lost_on__isnull', False)), _connector='OR'), name='warning_lost_for_a_reason'),
        ),
        migrations.AddField(
            model_name='chance',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit'),
        ),
        migrations.AddField(
            model_name='contact',
            name='agent',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.agent'),
        ),
        migrations.AddField(
            model_name='contact',
            name='batch',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workbooks.batch'),
        ),
        migrations.AddField(
            model_name='contact',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='contact',
            name='corrects',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='renewals.contact'),
        ),
        migrations.AddField(
            model_name='contact',
            name='staff',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='channels.agentstaff'),
        ),
        migrations.AddField(
            model_name='contact',
            name='subscriber',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='renewals.subscriber', verbose_name='subscriber'),
        ),
        migrations.AddField(
            model_name='contact',
            name='warning',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='renewals.expirywarning', verbose_name='warning'),
        ),
        migrations.AddField(
            model_name='contactphoto',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='contactphoto',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='renewals.contact'),
        ),
        migrations.AddField(
            model_name='daytally',
            name='warning_list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='renewals.warninglist'),
        ),
        migrations.AddField(
            model_name='difference',
            name='decided_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='difference',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project', verbose_name='project'),
        ),
        migrations.AddField(
            model_name='difference',
            name='subscriber',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='renewals.subscriber'),
        ),
        migrations.AddField(
            model_name='difference',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit', verbose_name='unit'),
        ),
        migrations.AddField(
            model_name='handover',
            name='by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='from_agent',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.agent'),
        ),
        migrations.AddField(
            model_name='handover',
            name='from_staff',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='channels.agentstaff'),
        ),
        migrations.AddField(
            model_name='handover',
            name='to_agent',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.agent'),
        ),
        migrations.AddField(
            model_name='handover',
            name='to_staff',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='channels.agentstaff'),
        ),
        migrations.AddField(
            model_name='handover',
            name='warning',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='handovers', to='renewals.expirywarning', verbose_name='warning'),
        ),
        migrations.AddField(
            model_name='losstally',
            name='agent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels.agent'),
        ),
        migrations.AddField(
            model_name='losstally',
            name='warning_list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='losses', to='renewals.warninglist'),
        ),
        migrations.AddField(
            model_name='pastcontract',
            name='batch',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workbooks.batch'),
        ),
        migrations.AddField(
            model_name='pastcontract',
            name='subscriber',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='past_contracts', to='renewals.subscriber'),
        ),
        migrations.AddField(
            model_name='renewaltask',
            name='agent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.agent', verbose_name='agent'),
        ),
        migrations.AddField(
            model_name='renewaltask',
            name='done_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='renewaltask',
            name='grid',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='renewal_tasks', to='accounts.grid', verbose_name='grid'),
        ),
        migrations.AddField(
            model_name='renewaltask',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='renewaltask',
            name='project',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project', verbose_name='project'),
        ),
        migrations.AddField(
            model_name='reopening',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reopening',
            name='warning',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reopenings', to='renewals.expirywarning', verbose_name='warning'),
        ),
        migrations.AddField(
            model_name='returnedline',
            name='contact',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='returned_line', to='renewals.contact'),
        ),
        migrations.AddField(
            model_name='returnedline',
            name='created_batch',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workbooks.batch', verbose_name='made by import'),
        ),
        migrations.AddField(
            model_name='secondvisit',
            name='opened_by',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='second_visit', to='renewals.contact'),
        ),
        migrations.AddField(
            model_name='secondvisit',
            name='settled_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled_visits', to='renewals.contact'),
        ),
        migrations.AddField(
            model_name='secondvisit',
            name='warning',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='second_visits', to='renewals.expirywarning'),
        ),
        migrations.AddField(
            model_name='specialistline',
            name='created_batch',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workbooks.batch', verbose_name='made by import'),
        ),
        migrations.AddField(
            model_name='specialistline',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='specialist_lines', to='projects.project', verbose_name='project'),
        ),
        migrations.AddField(
            model_name='subscribernote',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='subscribernote',
            name='subscriber',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='renewals.subscriber'),
        ),
        migrations.AddField(
            model_name='subscribernumber',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='subscribernumber',
            name='subscriber',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='numbers', to='renewals.subscriber'),
        ),
        migrations.AddField(
            model_name='tally',
            name='agent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels.agent'),
        ),
        migrations.AddField(
            model_name='tally',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='tally',
            name='staff',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels.agentstaff'),
        ),
        migrations.AddField(
            model_name='tally',
            name='warning_list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='renewals.warninglist'),
        ),
        migrations.AddConstraint(
            model_name='chance',
            constraint=models.UniqueConstraint(models.F('unit'), models.F('band'), name='chance_once'),
        ),
        migrations.AddConstraint(
            model_name='chance',
            constraint=models.CheckConstraint(condition=models.Q(('renewed__lte', models.F('expiring'))), name='chance_within_all'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['warning', 'at'], name='contact_by_warning'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['subscriber', 'at'], name='contact_by_subscriber'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=models.Q(('staff__isnull', False)), fields=['staff', 'at'], name='contact_by_staff'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['by', 'at'], name='contact_by_author'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'promised'), _negated=True), ('promised_on__isnull', False), _connector='OR'), name='contact_promise_has_a_day'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'void'), _negated=True), ('corrects__isnull', False), _connector='OR'), name='contact_void_corrects'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__isnull', False), ('longitude__isnull', False)), _connector='OR'), name='contact_place_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='daytally',
            constraint=models.UniqueConstraint(models.F('warning_list'), models.F('day'), name='day_tally_once'),
        ),
        migrations.AddIndex(
            model_name='difference',
            index=models.Index(fields=['unit', 'month', 'kind', 'decision'], name='difference_by_kind'),
        ),
        migrations.AddIndex(
            model_name='difference',
            index=models.Index(condition=models.Q(('subscriber__isnull', False)), fields=['subscriber'], name='difference_by_subscriber'),
        ),
        migrations.AddConstraint(
            model_name='difference',
            constraint=models.UniqueConstraint(models.F('unit'), models.F('month'), models.F('account'), name='difference_once'),
        ),
        migrations.AddConstraint(
            model_name='difference',
            constraint=models.CheckConstraint(condition=models.Q(('decision', ''), ('decided_by__isnull', False), _connector='OR'), name='difference_decided_by_someone'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['warning', 'at'], name='handover_by_warning'),
        ),
        migrations.AddIndex(
            model_name='losstally',
            index=models.Index(fields=['warning_list', 'agent'], name='loss_tally_by_list'),
        ),
        migrations.AddConstraint(
            model_name='pastcontract',
            constraint=models.UniqueConstraint(models.F('subscriber'), models.F('expires_on'), name='past_contract_once'),
        ),
        migrations.AddConstraint(
            model_name='renewaltask',
            constraint=models.UniqueConstraint(models.F('grid'), models.F('month'), models.F('kind'), django.db.models.functions.comparison.Coalesce('agent', 0), django.db.models.functions.comparison.Coalesce('project', 0), condition=models.Q(('done_on__isnull', True), models.Q(('kind', 'other'), _negated=True)), name='task_open_once'),
        ),
        migrations.AddConstraint(
            model_name='renewaltask',
            constraint=models.CheckConstraint(condition=models.Q(('done_on__isnull', True), ('done_by__isnull', False), _connector='OR'), name='task_done_by_someone'),
        ),
        migrations.AddIndex(
            model_name='reopening',
            index=models.Index(fields=['warning', 'at'], name='reopening_by_warning'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.CheckConstraint(condition=models.Q(('number', True), models.Q(('why', ''), _negated=True), _connector='OR'), name='reopening_says_why'),
        ),
        migrations.AddConstraint(
            model_name='returnedline',
            constraint=models.UniqueConstraint(models.F('account'), models.F('month'), models.F('day'), models.F('medium'), name='returned_line_once'),
        ),
        migrations.AddConstraint(
            model_name='returnedline',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='returned_line_month_first_day'),
        ),
        migrations.AddIndex(
            model_name='secondvisit',
            index=models.Index(fields=['warning', 'due_on'], name='visit_by_warning'),
        ),
        migrations.AddConstraint(
            model_name='secondvisit',
            constraint=models.UniqueConstraint(models.F('warning'), condition=models.Q(('settled_at__isnull', True)), name='one_open_visit'),
        ),
        migrations.AddConstraint(
            model_name='secondvisit',
            constraint=models.CheckConstraint(condition=models.Q(('settled_by__isnull', True), ('settled_at__isnull', False), _connector='OR'), name='visit_settled_since'),
        ),
        migrations.AddIndex(
            model_name='specialistline',
            index=models.Index(fields=['month', 'project'], name='specialist_line_by_project'),
        ),
        migrations.AddConstraint(
            model_name='specialistline',
            constraint=models.UniqueConstraint(models.F('month'), models.F('account'), name='specialist_line_once'),
        ),
        migrations.AddConstraint(
            model_name='specialistline',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='specialist_line_month_first_day'),
        ),
        migrations.AddIndex(
            model_name='subscribernumber',
            index=models.Index(fields=['phone'], name='number_by_phone', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='subscribernumber',
            constraint=models.UniqueConstraint(models.F('subscriber'), models.F('phone'), name='number_once_per_subscriber'),
        ),
        migrations.AddIndex(
            model_name='tally',
            index=models.Index(fields=['warning_list', 'agent'], name='tally_by_list'),
        ),
    ]
